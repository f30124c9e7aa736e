using System.Diagnostics;
using System.Globalization;
using DftNative.Backends.Cpu;
using DftNative.Backends.Profiling;
using DftNative.Bench.Kernels;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Bench;

/// <summary>
/// A training step on the CPU: Qwen2 shape, hidden 512, 8 layers, 8 heads, 2 key/value heads, FFN 1408, vocabulary 8192
/// tied, 8 rows × 512 tokens, all trained, DFT, AdamW. Its PyTorch twin is bench/peers/cpu_training.py.
/// </summary>
internal static class CpuTrainingBench
{
    private const int Rows = 8, RowLength = 512;

    private static readonly ModelConfiguration Configuration = BenchModels.Small(vocabulary: 8192, hidden: 512, intermediate: 1408, heads: 8, keyValueHeads: 2);

    /// <summary>Prints tokens/s, peak resident memory and the step's parts; with <paramref name="json"/> one line for a script.</summary>
    public static int Run(int steps, int microBatchTokens, bool json)
    {
        using var cpu = new CpuBackend();
        using var backend = new ProfiledBackend(cpu);
        using var transformer = new Transformer(backend, Configuration, new TransformerOptions(microBatchTokens) { Training = true });
        using var optimizer = new AdamWOptimizer(backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0);
        var random = new Random(0);
        foreach (var tensor in transformer.Layout.Tensors)
        {
            var isNorm = tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal);
            var values = new float[tensor.Length];
            for (var i = 0; i < values.Length; i++) values[i] = isNorm ? 1 : (float)((random.NextDouble() - 0.5) * 0.07);
            backend.Upload<float>(values, transformer.Parameters.Slice(tensor.Offset, tensor.Length));
        }

        var rowsPerBatch = microBatchTokens / RowLength;
        var batches = new List<MicroBatch>();
        for (var first = 0; first < Rows; first += rowsPerBatch)
        {
            var rows = Enumerable.Range(first, Math.Min(rowsPerBatch, Rows - first)).Select(_ =>
            {
                var ids = Enumerable.Range(0, RowLength).Select(_ => random.Next(Configuration.VocabularySize)).ToArray();
                return new TrainingRow(ids, ids);
            });
            batches.Add(new MicroBatch([.. rows], new TokenLossOptions(), []));
        }

        var targets = batches.Sum(batch => batch.TargetCount);
        var passes = batches.ConvertAll(transformer.Prepare);
        Step(1);
        Step(2);
        backend.Begin();
        var seconds = new double[steps];
        for (var i = 0; i < steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Step(3 + i);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        var operations = new double[OperationTimer.OperationCount];
        backend.End(operations);
        Array.Sort(seconds);
        var tokensPerSecond = Rows * RowLength / seconds[steps / 2];
        var memory = PeakResidentBytes();
        if (json)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"tokens_per_second\": {tokensPerSecond:F1}, \"peak_bytes\": {memory}}}"));
            return (int)ExitCode.Success;
        }

        Console.WriteLine(backend.Description);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tokensPerSecond:F0} tokens/s (median of {steps} steps, best {Rows * RowLength / seconds[0]:F0}), peak resident memory {memory / 1e9:F2} GB, micro-batches of {microBatchTokens} tokens"));
        var total = seconds.Sum();
        foreach (var operation in Enum.GetValues<BackendOperation>().OrderByDescending(operation => operations[(int)operation]))
            Print($"{operation}", operations[(int)operation]);
        Print("host", total - operations.Sum());
        return (int)ExitCode.Success;

        void Print(string part, double time) =>
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {part,-20}{1e3 * time / steps,9:F1} ms {time / total,7:P1}"));

        void Step(int step)
        {
            transformer.ZeroGradients();
            foreach (var pass in passes) transformer.ForwardBackward(pass, TokenWeighting.Dft, 1f / targets);
            optimizer.Step(step, 5e-5f, 1);
        }
    }

    /// <summary>The most memory this process has had resident (VmHWM).</summary>
    private static long PeakResidentBytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }
}
