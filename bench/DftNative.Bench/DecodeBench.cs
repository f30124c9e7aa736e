using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using DftNative.Backends.Cpu;
using DftNative.Backends.Profiling;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Bench;

/// <summary>
/// Sampling on the CPU: tokens/s and a decoding step's time at several batch sizes, beside the time that reading the
/// weights once takes on all cores; of the demo's model and of one of 38 million parameters.
/// </summary>
internal static class DecodeBench
{
    private const int PromptLength = 16;
    private const int Rounds = 5;

    private static readonly int[] BatchSizes = [1, 2, 4, 8, 16, 64];

    private static readonly ModelConfiguration Configuration = new()
    {
        Architecture = ModelArchitecture.Qwen2,
        VocabularySize = 32768,
        HiddenSize = 512,
        IntermediateSize = 1408,
        LayerCount = 8,
        HeadCount = 8,
        KeyValueHeadCount = 2,
        HeadDimension = 64,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 10000,
        MaxPositionEmbeddings = 2048,
        TieWordEmbeddings = true,
        QueryKeyValueBias = true,
    };

    /// <summary>Prints a row a model and batch size, and where a step's time goes.</summary>
    /// <param name="newTokens">Tokens drawn for each sequence.</param>
    public static int Run(int newTokens)
    {
        using var cpu = new CpuBackend();
        using var backend = new ProfiledBackend(cpu);
        Console.WriteLine(backend.Description);
        var folder = Directory.CreateTempSubdirectory("dftnative-decode");
        DemoAssets.Extract(folder.FullName);
        using (var demo = ModelDirectory.Open(folder.FullName)) Measure(backend, "demo", demo.Configuration, newTokens, transformer => demo.Load(backend, transformer.Layout, transformer.Parameters));
        folder.Delete(recursive: true);
        Measure(backend, "hidden 512", Configuration, newTokens, transformer => FillRandomly(backend, transformer));
        return (int)ExitCode.Success;
    }

    private static void Measure(ProfiledBackend backend, string name, ModelConfiguration configuration, int newTokens, Action<Transformer> load)
    {
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(512 + BatchSizes[^1]) { MaxPositions = PromptLength + newTokens });
        load(transformer);
        var reading = ReadingSeconds(transformer.Parameters.Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {transformer.Parameters.Length / 1e6:F2} million parameters, read once in {1e3 * reading:F3} ms"));
        foreach (var batchSize in BatchSizes)
        {
            using var generator = new SequenceGenerator(backend, transformer, batchSize, PromptLength + newTokens);
            var prompts = Enumerable.Range(0, batchSize).Select(i => Enumerable.Range(0, PromptLength).Select(j => 3 + ((i + (7 * j)) % 10)).ToArray()).ToArray();
            var options = new GenerationOptions { MaxNewTokens = newTokens };
            generator.Generate(prompts, options);
            var operations = new double[OperationTimer.OperationCount];
            var best = double.PositiveInfinity;
            for (var round = 0; round < Rounds; round++)
            {
                backend.End(operations);
                backend.Begin();
                var start = Stopwatch.GetTimestamp();
                generator.Generate(prompts, options);
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            backend.End(operations);
            var step = best / newTokens;
            Console.Write(string.Create(
                CultureInfo.InvariantCulture, $"  batch {batchSize,3}: {batchSize * newTokens / best,8:F0} tokens/s, step {1e3 * step,7:F3} ms = {step / reading,5:F2} readings;"));
            foreach (var operation in Enum.GetValues<BackendOperation>().OrderByDescending(operation => operations[(int)operation]).Take(5))
                Console.Write(string.Create(CultureInfo.InvariantCulture, $" {operation} {1e3 * operations[(int)operation] / newTokens:F3}"));
            Console.WriteLine();
        }
    }

    /// <summary>The least time in which all cores read as many floats as the model has.</summary>
    private static double ReadingSeconds(long count)
    {
        var values = new float[count];

        // Pages that nothing was written to are all one page, which the caches hold.
        Array.Fill(values, 1f);
        var threads = Environment.ProcessorCount;
        var sums = new float[threads];
        var best = double.PositiveInfinity;
        for (var round = 0; round < 20; round++)
        {
            var start = Stopwatch.GetTimestamp();
            Parallel.For(0, threads, thread =>
            {
                var (first, end) = (count * thread / threads, count * (thread + 1) / threads);
                sums[thread] = TensorPrimitives.Sum<float>(values.AsSpan((int)first, (int)(end - first)));
            });
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return sums[0] > 0 ? best : throw new InvalidOperationException("Ones have no sum.");
    }

    private static void FillRandomly(ProfiledBackend backend, Transformer transformer)
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
