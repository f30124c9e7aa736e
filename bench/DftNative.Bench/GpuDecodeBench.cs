using System.Diagnostics;
using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Bench.Kernels;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Bench;

/// <summary>
/// Sampling on a GPU from a randomly initialised model of a published configuration: a step of decoding at several batch
/// sizes beside the time in which the device copies as many bytes as the weights and the cache have; and sixteen samples
/// of each of some prompts. On an emulated device the model is reduced and nothing is timed.
/// </summary>
internal static class GpuDecodeBench
{
    private const int SamplesOfPrompt = 16, ReducedPrompt = 9, ReducedNewTokens = 4, ReducedPrompts = 1, Copies = 8;
    private const long CopiedBytes = 1L << 30;

    private static readonly int[] BatchSizes = [1, 16, 64];

    /// <summary>Runs the command and prints a line a batch size, and one for the samples.</summary>
    /// <param name="name">A model of <see cref="BenchModels"/>.</param>
    /// <param name="promptTokens">Tokens of a prompt.</param>
    /// <param name="newTokens">Tokens drawn for each sequence, at least 2.</param>
    /// <param name="prompts">Prompts of which sixteen samples each are drawn.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: no such model. <see cref="ExitCode.Device"/>: it does not fit the device.</exception>
    public static ExitCode Run(string name, int promptTokens, int newTokens, int prompts)
    {
        var model = BenchModels.All.FirstOrDefault(model => model.Name == name)
            ?? throw new DftNativeException(ExitCode.Usage, $"'{name}' is not one of {string.Join(", ", BenchModels.All.Select(known => known.Name))}");
        if (promptTokens < 1 || newTokens < 2 || prompts < 1) throw new DftNativeException(ExitCode.Usage, "a prompt token, two new tokens and a prompt are the least that is timed");
        using var backend = new CudaBackend();
        return backend.IsEmulated
            ? Run(backend, model.Reduced(), ReducedPrompt, ReducedNewTokens, ReducedPrompts)
            : Run(backend, model, promptTokens, newTokens, prompts);
    }

    private static ExitCode Run(CudaBackend backend, BenchModel model, int promptTokens, int newTokens, int prompts)
    {
        var configuration = model.Configuration;
        var bytesPerSecond = backend.IsEmulated ? 0 : CopyBytesPerSecond(backend);
        var plan = GenerationPlan.Choose(configuration, backend.ComputeType, promptTokens, newTokens, BatchSizes[^1], BatchSizes[^1]);
        using var transformer = new Transformer(backend, configuration, plan.TransformerOptions);
        RandomWeights.Upload(backend, transformer);
        var options = new GenerationOptions { MaxNewTokens = newTokens };
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{model.Name}: prompts of {promptTokens} tokens, {newTokens} drawn, weights of {WeightBytes(transformer) / 1e9:F2} GB{(backend.IsEmulated ? $"; reduced, on {backend.Description}, not timed" : $", copies at {bytesPerSecond / 1e9:F0} GB/s")}"));
        foreach (var batchSize in BatchSizes)
        {
            using var generator = new SequenceGenerator(backend, transformer, batchSize, plan.Capacity);
            var step = new StepClock();
            generator.Generate(Requests(configuration, promptTokens, batchSize), options, step);
            if (backend.IsEmulated) continue;

            // The fastest step is one of the first, whose cache holds little more than the prompts.
            var floor = (WeightBytes(transformer) + CacheBytes(backend, configuration, batchSize, promptTokens)) / bytesPerSecond;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  batch {batchSize,2}: {batchSize / step.BestSeconds:F0} tokens/s; step {1e3 * step.BestSeconds:F3} ms, weights and cache {1e3 * floor:F3} ms, ratio {step.BestSeconds / floor:F2}"));
        }

        using var all = new SequenceGenerator(backend, transformer, plan.Slots, plan.Capacity);
        var requests = Requests(configuration, promptTokens, prompts * SamplesOfPrompt);
        var (start, results) = (Stopwatch.GetTimestamp(), new StepClock());
        all.Generate(requests, options, results);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {SamplesOfPrompt} samples of {prompts} prompts{(backend.IsEmulated ? "" : $": {(double)requests.Length * newTokens / seconds:F0} tokens/s")}"));
        return ExitCode.Success;
    }

    /// <summary>What a step reads of the parameters: of an embedding that is not the LM head too, only some rows.</summary>
    private static long WeightBytes(Transformer transformer)
    {
        var configuration = transformer.Configuration;
        var embedding = configuration.TieWordEmbeddings ? 0 : (long)configuration.VocabularySize * configuration.HiddenSize;
        return (transformer.Parameters.Length - embedding) * transformer.Parameters.DataType.SizeInBytes();
    }

    private static long CacheBytes(CudaBackend backend, ModelConfiguration configuration, int batchSize, int tokens) =>
        2L * configuration.LayerCount * configuration.KeyValueSize * batchSize * tokens * backend.ComputeType.SizeInBytes();

    private static GenerationRequest[] Requests(ModelConfiguration configuration, int promptTokens, int count)
    {
        var random = new Random(2);
        return [.. Enumerable.Range(0, count).Select(i => new GenerationRequest([.. Enumerable.Range(0, promptTokens).Select(_ => random.Next(configuration.VocabularySize))], (ulong)i))];
    }

    /// <summary>Bytes read and written a second by the fastest of some copies on the device.</summary>
    private static double CopyBytesPerSecond(CudaBackend backend)
    {
        using var source = backend.Allocate(DataType.Float32, CopiedBytes / sizeof(float), MemoryCategory.Workspace, "copied");
        using var destination = backend.Allocate(DataType.Float32, CopiedBytes / sizeof(float), MemoryCategory.Workspace, "copy");
        var best = double.PositiveInfinity;
        for (var i = 0; i < Copies; i++)
        {
            backend.Synchronize();
            var start = Stopwatch.GetTimestamp();
            backend.Copy(source.AsVector(), destination.AsVector());
            backend.Synchronize();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 2 * CopiedBytes / best;
    }
}
