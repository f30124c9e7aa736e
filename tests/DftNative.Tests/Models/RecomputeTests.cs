using DftNative.Backends;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Tests.Models;

/// <summary>Every recompute level gives the gradients of none, to the bit, whatever shared memory held before.</summary>
public sealed class RecomputeTests
{
    private const int MaxTokens = 350;

    private static readonly MicroBatch[] Passes =
    [
        new(SmallModel.Rows(4, 20, 37), new TokenLossOptions(), []),
        new(SmallModel.Rows(3, 25, 1, 34, 200), new TokenLossOptions(), []),
        new(SmallModel.Rows(5, 3), new TokenLossOptions(), []),
    ];

    [Test]
    public void EveryLevelGivesTheGradientsOfNone(
        [Values] ModelArchitecture architecture, [Values(1, 3)] int layers, [Values] bool isPadded)
    {
        var configuration = SmallModel.Configuration(architecture) with { LayerCount = layers, AttentionOutputBias = architecture == ModelArchitecture.Llama };
        var expected = Run(configuration, isPadded, RecomputeLevel.None);
        Assert.That(expected.Gradients, Has.Some.Not.Zero);
        foreach (var level in (RecomputeLevel[])[RecomputeLevel.Norms, RecomputeLevel.FeedForward, RecomputeLevel.Block])
        {
            var actual = Run(configuration, isPadded, level);
            Assert.Multiple(() =>
            {
                Assert.That(actual.Gradients, Is.EqualTo(expected.Gradients), $"{level}: gradients");
                Assert.That(actual.Statistics, Is.EqualTo(expected.Statistics), $"{level}: statistics");
                Assert.That(actual.Cached, Is.EqualTo(expected.Cached), $"{level}: generation");
            });
        }
    }

    /// <summary>Each level has less memory than the one before: what it drops in every layer but the first.</summary>
    [Test]
    public void ALevelDropsWhatItSays([Values] ModelArchitecture architecture)
    {
        var configuration = SmallModel.Configuration(architecture) with { LayerCount = 3 };
        var bytes = Enum.GetValues<RecomputeLevel>().Select(level =>
        {
            using var backend = new AlteredBackend();
            using var transformer = new Transformer(backend, configuration, new TransformerOptions(MaxTokens) { Training = true, Recompute = level });
            return backend.AllocatedBytes;
        }).ToArray();
        int hidden = configuration.HiddenSize, intermediate = configuration.IntermediateSize, heads = configuration.HeadCount;
        var normed = configuration.QueryKeyNorm
            ? configuration.QuerySize + configuration.KeyValueSize + heads + configuration.KeyValueHeadCount
            : 0;
        var attention = configuration.QuerySize + (2 * configuration.KeyValueSize) + normed + configuration.QuerySize + heads + hidden + 2;
        long[] dropped = [(2 * ((2 * hidden) + intermediate)) + intermediate, 2 * 2 * intermediate, 2 * attention];
        Assert.That(bytes.Zip(bytes.Skip(1), (more, less) => more - less), Is.EqualTo(dropped.Select(numbers => numbers * MaxTokens * sizeof(float))));
    }

    /// <summary>Passes of different lengths, accumulated, with an evaluation between a pass and its successor, and then a generation.</summary>
    private static (float[] Gradients, double[] Statistics, float[] Cached) Run(ModelConfiguration configuration, bool isPadded, RecomputeLevel level)
    {
        using var backend = new AlteredBackend { PadsMicroBatches = isPadded };
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(MaxTokens) { Training = true, Recompute = level });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        foreach (var pass in Passes)
        {
            transformer.ForwardBackward(pass, TokenWeighting.Dft, 0.01f);
            transformer.Evaluate(Passes[0], TokenWeighting.Dft);
        }

        var (gradients, statistics) = (new float[transformer.Gradients.Length], new double[TokenLossStatistics.Length]);
        backend.Download(transformer.Gradients, gradients.AsSpan());
        transformer.ReadStatistics(statistics);
        using var cache = new KeyValueCache(backend, configuration, slots: 1, capacity: 8, MaxTokens);
        using var buffer = backend.Allocate(DataType.Float32, configuration.VocabularySize, MemoryCategory.Workspace, "logits");
        transformer.ForwardCached([new CachedPart(0, 0, new[] { 5, 9, 3 })], cache, buffer.AsMatrix(1, configuration.VocabularySize));
        var cached = new float[configuration.VocabularySize];
        backend.Download(buffer.AsVector(), cached.AsSpan());
        return (gradients, statistics, cached);
    }
}
