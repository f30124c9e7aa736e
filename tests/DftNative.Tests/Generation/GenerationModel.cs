using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Tests.Models;
using DftNative.Tokenizers;

namespace DftNative.Tests.Generation;

/// <summary>A small model with random weights on the CPU that sequences are sampled from.</summary>
internal sealed class GenerationModel : IDisposable
{
    private readonly CpuBackend backend = new();
    private readonly Transformer transformer;
    private readonly int capacity;
    private readonly Tokenizer? tokenizer;

    public GenerationModel(ModelConfiguration configuration, int maxTokens, int capacity, Tokenizer? tokenizer = null)
    {
        (this.capacity, this.tokenizer) = (capacity, tokenizer);
        transformer = new Transformer(backend, configuration, new TransformerOptions(maxTokens) { MaxPositions = capacity });
        Parameters = SmallModel.Parameters(transformer.Layout);
        SmallModel.Load(backend, transformer, Parameters);
    }

    public Dictionary<string, float[]> Parameters { get; }

    /// <summary>A sequence for each request, in their order.</summary>
    public GeneratedSequence[] Generate(int slots, IReadOnlyList<GenerationRequest> requests, GenerationOptions options)
    {
        var collector = new ResultCollector(requests.Count);
        Generate(slots, requests, options, collector);
        return collector.Sequences;
    }

    public void Generate(int slots, IReadOnlyList<GenerationRequest> requests, GenerationOptions options, IGenerationObserver observer)
    {
        using var generator = new SequenceGenerator(backend, transformer, slots, capacity, tokenizer);
        generator.Generate(requests, options, observer);
    }

    /// <summary>Makes a weight NaN.</summary>
    public void Poison() => backend.Upload<float>([float.NaN], transformer.Parameters.Slice(transformer.Layout.Tensors[^1].Offset, 1));

    public void Dispose()
    {
        transformer.Dispose();
        backend.Dispose();
    }
}
