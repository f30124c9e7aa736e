using System.Diagnostics;
using System.Globalization;
using DftNative.Backends.Cuda;
using DftNative.Backends.Profiling;
using DftNative.Bench.Kernels;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;

namespace DftNative.Bench;

/// <summary>
/// A few training steps of a randomly initialised model of a published configuration on a GPU: tokens/s, the fraction of
/// the device's peak, and memory. Rows fill their pass, every token is a target. On an emulated device the model is
/// reduced and nothing is timed.
/// </summary>
internal static class GpuTrainingBench
{
    private const int Passes = 2, RowsPerPass = 2;
    private const float InitialDeviation = 0.02f, LearningRate = 1e-5f;

    /// <summary>Runs the command and prints one line.</summary>
    /// <param name="name">A model of <see cref="BenchModels"/>.</param>
    /// <param name="steps">Steps that count; two before them do not.</param>
    /// <param name="tokens">Tokens of a pass; halved until the device's memory suffices.</param>
    public static ExitCode Run(string name, int steps, int tokens)
    {
        var model = BenchModels.All.FirstOrDefault(model => model.Name == name)
            ?? throw new DftNativeException(ExitCode.Usage, $"'{name}' is not one of {string.Join(", ", BenchModels.All.Select(known => known.Name))}");
        for (; ; tokens /= 2)
        {
            try
            {
                using var backend = new CudaBackend();
                return Run(backend, backend.IsEmulated ? model.Reduced() : model, steps, backend.IsEmulated ? Math.Min(tokens, 64) : tokens);
            }
            catch (DftNativeException exception) when (exception.ExitCode == ExitCode.Device && exception.Message.Contains("out of device memory", StringComparison.Ordinal) && tokens > 256)
            {
                Console.WriteLine($"{name}: {tokens} tokens a pass: {exception.Message}");
            }
        }
    }

    private static ExitCode Run(CudaBackend backend, BenchModel model, int steps, int tokens)
    {
        using var profiled = new ProfiledBackend(backend);
        using var transformer = new Transformer(profiled, model.Configuration, new TransformerOptions(tokens) { Training = true });
        using var optimizer = new AdamWOptimizer(profiled, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0);
        Initialize(backend, transformer);
        var random = new Random(0);
        MicroBatch[] passes = [.. Enumerable.Range(0, Passes).Select(_ => new MicroBatch(
            [.. Enumerable.Range(0, RowsPerPass).Select(_ => Row(random, tokens / RowsPerPass, model.Configuration.VocabularySize))],
            new TokenLossOptions(), []))];
        var targets = passes.Sum(pass => pass.TargetCount);
        var prepared = Array.ConvertAll(passes, transformer.Prepare);
        var seconds = new List<double>();
        for (var step = 1; step <= 2 + steps; step++)
        {
            var elapsed = Step(step);
            if (step > 2) seconds.Add(elapsed);
        }

        profiled.Begin();
        var profiledSeconds = Step(3 + steps);
        var operations = new double[OperationTimer.OperationCount];
        profiled.End(operations);

        var memory = backend.PeakAllocatedBytes / (double)(1L << 30);
        var shape = string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {steps} steps of {Passes} passes of {tokens} tokens, {memory:F1} GiB of device memory");
        if (backend.IsEmulated)
        {
            Console.WriteLine($"{shape}; reduced, on {backend.Description}, not timed");
            return ExitCode.Success;
        }

        var median = seconds.Order().ElementAt(steps / 2);
        var utilisation = backend.PeakFlopsPerSecond is { } peak
            ? string.Create(CultureInfo.InvariantCulture, $"{ModelFlops.OfTraining(model.Configuration, passes) / median / peak:P1} of the data sheet's {peak / 1e12:F0} TFLOP/s")
            : "the device's peak is not known";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shape}; {Passes * tokens / median:F0} tokens/s (median step {median:F3} s), {utilisation}"));
        Console.WriteLine($"  one more step by parts: {string.Join(", ", StepProfile.Of(operations, profiledSeconds).Parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name.Replace('_', ' ')} {part.Milliseconds:F1} ms")))}");
        return ExitCode.Success;

        double Step(int step)
        {
            var start = Stopwatch.GetTimestamp();
            transformer.ZeroGradients();
            foreach (var pass in prepared) transformer.ForwardBackward(pass, TokenWeighting.Sft, 1f / targets);
            optimizer.Step(step, LearningRate, 1);
            var norm = optimizer.ReadGradientNorm();
            if (!float.IsFinite(norm)) throw new DftNativeException(ExitCode.NonFinite, $"{model.Name}: the gradient norm of step {step} is {norm}");
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static TrainingRow Row(Random random, int length, int vocabulary)
    {
        int[] ids = [.. Enumerable.Range(0, length).Select(_ => random.Next(vocabulary))];
        return new TrainingRow(ids, ids);
    }

    /// <summary>
    /// Normal matrices and norms of 1, without files: one block of random numbers again and again, since billions would
    /// take the host minutes. Its length is a prime, so no two rows are alike.
    /// </summary>
    private static void Initialize(CudaBackend backend, Transformer transformer)
    {
        const int period = 1048573;
        var random = new Random(1);
        var normals = new BFloat16[period];
        for (var i = 0; i < period; i++)
            normals[i] = (BFloat16)(float)(InitialDeviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        foreach (var tensor in transformer.Layout.Tensors)
        {
            var view = transformer.Parameters.Slice(tensor.Offset, tensor.Length);
            var values = normals.AsSpan();
            if (tensor.IsNormOrBias)
            {
                var constant = new BFloat16[Math.Min(period, tensor.Length)];
                constant.AsSpan().Fill(tensor.Name.EndsWith(".bias", StringComparison.Ordinal) ? BFloat16.Zero : BFloat16.One);
                values = constant;
            }

            for (long start = 0; start < tensor.Length; start += values.Length)
            {
                var count = (int)Math.Min(values.Length, tensor.Length - start);
                backend.Upload<BFloat16>(values[..count], view.Slice(start, count));
            }
        }
    }
}
