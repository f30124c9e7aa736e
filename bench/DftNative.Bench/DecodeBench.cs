using System.Globalization;
using DftNative.Backends.Cpu;
using DftNative.Bench.Kernels;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Bench;

/// <summary>
/// Sampling on the CPU: a decoding step's time at several batch sizes, beside the time that reading the weights once
/// takes, measured between the steps; of the demo's model, which the caches hold, and of one of 300 MB, which they do
/// not. The best of all steps counts, since neighbours only ever make one slower.
/// </summary>
internal static class DecodeBench
{
    private const int PromptLength = 16;
    private const int Rounds = 8;

    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 64];

    private static readonly ModelConfiguration Configuration = BenchModels.Small(vocabulary: 32768, hidden: 768, intermediate: 2048, heads: 12, keyValueHeads: 3);

    /// <summary>Prints a row a model and batch size.</summary>
    /// <param name="newTokens">Tokens drawn for each sequence, at least 2.</param>
    /// <param name="threads">Threads; with one, processor time tells what a step costs on a busy machine too.</param>
    public static int Run(int newTokens, int threads)
    {
        using var backend = new CpuBackend(threads);
        Console.WriteLine(backend.Description);
        var folder = Directory.CreateTempSubdirectory("dftnative-decode");
        try
        {
            DemoAssets.Extract(folder.FullName);
            using var demo = ModelDirectory.Open(folder.FullName);
            Measure(backend, threads, "demo", demo.Configuration, newTokens, transformer => demo.Load(backend, transformer.Layout, transformer.Parameters));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Measure(backend, threads, "hidden 768", Configuration, newTokens, transformer => FillRandomly(backend, transformer));
        return (int)ExitCode.Success;
    }

    private static void Measure(CpuBackend backend, int threads, string name, ModelConfiguration configuration, int newTokens, Action<Transformer> load)
    {
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(512 + BatchSizes[^1]) { MaxPositions = PromptLength + newTokens });
        load(transformer);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {transformer.Parameters.Length / 1e6:F2} million parameters, {transformer.Parameters.Length * sizeof(float) / 1e6:F1} MB"));
        var options = new GenerationOptions { MaxNewTokens = newTokens };
        foreach (var batchSize in BatchSizes)
        {
            using var generator = new SequenceGenerator(backend, transformer, batchSize, PromptLength + newTokens);
            GenerationRequest[] requests =
                [.. Enumerable.Range(0, batchSize).Select(i => new GenerationRequest([.. Enumerable.Range(0, PromptLength).Select(j => 3 + ((i + (7 * j)) % 10))], (ulong)i))];
            var (step, reading) = (new StepClock(), new WeightReading(transformer.Parameters, threads));
            for (var round = 0; round < Rounds; round++)
            {
                generator.Generate(requests, options, step);
                for (var i = 0; i < Rounds; i++) reading.Measure();
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  batch {batchSize,3}: {batchSize / step.BestSeconds,8:F0} tokens/s; step {1e3 * step.BestSeconds,8:F3} ms, reading {1e3 * reading.BestSeconds,7:F3} ms, ratio {step.BestSeconds / reading.BestSeconds,6:F2}; processor time {1e3 * step.BestProcessorSeconds,8:F3} and {1e3 * reading.BestProcessorSeconds,7:F3} ms, ratio {step.BestProcessorSeconds / reading.BestProcessorSeconds,6:F2}"));
        }
    }

    private static void FillRandomly(CpuBackend backend, Transformer transformer)
    {
        var random = new Random(0);
        foreach (var tensor in transformer.Layout.Tensors)
        {
            var isNorm = tensor.Name.EndsWith("norm.weight", StringComparison.Ordinal);
            var values = new float[tensor.Length];
            for (var i = 0; i < values.Length; i++) values[i] = isNorm ? 1 : (float)((random.NextDouble() - 0.5) * 0.07);
            backend.Upload<float>(values, transformer.Parameters.Slice(tensor.Offset, tensor.Length));
        }
    }
}
