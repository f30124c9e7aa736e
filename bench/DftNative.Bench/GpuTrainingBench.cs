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
using DftNative.Training.Planning;

namespace DftNative.Bench;

/// <summary>
/// A few training steps of a randomly initialised model of a published configuration on a GPU, with DFT and the memory plan that
/// a run would choose: tokens/s, the fraction of the device's peak, and memory. Rows fill their passes, every token is a
/// target. On an emulated device the model is reduced and nothing is timed.
/// </summary>
internal static class GpuTrainingBench
{
    private const int Passes = 4, ReducedTokens = 64;
    private const float LearningRate = 1e-5f;

    /// <summary>Runs the command and prints two lines.</summary>
    /// <param name="name">A model of <see cref="BenchModels"/>.</param>
    /// <param name="steps">Steps that count; two before them do not.</param>
    /// <param name="tokens">Tokens of a pass, a multiple of <paramref name="rowTokens"/>.</param>
    /// <param name="rowTokens">Tokens of a row.</param>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: no such model, or rows that do not fill a pass. <see cref="ExitCode.Device"/>: the run does not fit the device.
    /// </exception>
    public static ExitCode Run(string name, int steps, int tokens, int rowTokens)
    {
        var model = BenchModels.All.FirstOrDefault(model => model.Name == name)
            ?? throw new DftNativeException(ExitCode.Usage, $"'{name}' is not one of {string.Join(", ", BenchModels.All.Select(known => known.Name))}");
        if (rowTokens < 2 || tokens % rowTokens != 0) throw new DftNativeException(ExitCode.Usage, $"rows of {rowTokens} tokens do not fill passes of {tokens}");
        using var backend = new CudaBackend();
        if (!backend.IsEmulated) return Run(backend, model, steps, tokens, rowTokens);
        return Run(backend, model.Reduced(), steps, ReducedTokens, ReducedTokens / Math.Min(tokens / rowTokens, 4));
    }

    private static ExitCode Run(CudaBackend backend, BenchModel model, int steps, int tokens, int rowTokens)
    {
        var rowsPerPass = tokens / rowTokens;
        var plan = Plan(backend, model.Configuration, tokens, rowTokens);
        using var profiled = new ProfiledBackend(backend);
        using var transformer = new Transformer(
            profiled, model.Configuration, new TransformerOptions(tokens) { Training = true, Recompute = plan.Choice.Recompute, LossChunkRows = plan.Choice.LossChunkRows });
        using var optimizer = new AdamWOptimizer(profiled, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0);
        RandomWeights.Upload(backend, transformer);
        var random = new Random(0);
        MicroBatch[] passes = [.. Enumerable.Range(0, Passes).Select(_ => new MicroBatch(
            [.. Enumerable.Range(0, rowsPerPass).Select(_ => Row(random, rowTokens, model.Configuration.VocabularySize))],
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
        var shape = string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {steps} steps of {Passes} passes of {rowsPerPass} x {rowTokens} tokens, recompute {plan.Choice.Recompute.ToString().ToLowerInvariant()}, {memory:F1} GiB of device memory");
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
            foreach (var pass in prepared) transformer.ForwardBackward(pass, TokenWeighting.Dft, 1f / targets);
            optimizer.Step(step, LearningRate, 1);
            var norm = optimizer.ReadGradientNorm();
            if (!float.IsFinite(norm)) throw new DftNativeException(ExitCode.NonFinite, $"{model.Name}: the gradient norm of step {step} is {norm}");
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Loss chunk and recompute level as `train` chooses them for passes of so many tokens.</summary>
    private static MemoryPlan Plan(CudaBackend backend, ModelConfiguration configuration, int tokens, int rowTokens)
    {
        var device = backend.GetMemory();
        var request = new PlanRequest(configuration, Workload.OfFullRows(rowTokens, Passes * tokens / rowTokens, packing: true)) { MicroBatchTokens = tokens };
        var plan = new MemoryPlanner(request, device).Plan();
        return plan.Fits ? plan : throw PlanAdvice.DoesNotFit(plan, PlanAdvice.For(request, device));
    }

    private static TrainingRow Row(Random random, int length, int vocabulary)
    {
        int[] ids = [.. Enumerable.Range(0, length).Select(_ => random.Next(vocabulary))];
        return new TrainingRow(ids, ids);
    }
}
