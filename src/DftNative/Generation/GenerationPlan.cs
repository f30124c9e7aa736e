using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Generation;

/// <summary>How many sequences are sampled at once, and what that takes.</summary>
/// <param name="Slots">Sequences at once.</param>
/// <param name="Capacity">The most tokens of a sequence, its prompt included.</param>
/// <param name="MaxTokens">The most tokens of a pass.</param>
public sealed record GenerationPlan(int Slots, int Capacity, int MaxTokens)
{
    /// <summary>Sequences at once, unless memory or a user has it otherwise: a matrix product of as many rows is fast.</summary>
    private const int DefaultSlots = 64;

    /// <summary>The most bytes of keys and values, unless a user asks for more sequences.</summary>
    private const long DefaultCacheBytes = 4L << 30;

    /// <summary>Plans the generation of some sequences.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="computeType">The element type of the cache.</param>
    /// <param name="longestPrompt">Tokens of the longest prompt that is sampled for.</param>
    /// <param name="maxNewTokens">The most tokens that are added.</param>
    /// <param name="requestCount">How many sequences are sampled in all.</param>
    /// <param name="slots">Sequences at once; null: as many as are fast and have room.</param>
    public static GenerationPlan Choose(ModelConfiguration configuration, DataType computeType, int longestPrompt, int maxNewTokens, int requestCount, int? slots)
    {
        var capacity = (int)Math.Min(Math.Max(1L, longestPrompt) + maxNewTokens, Math.Max(2, configuration.MaxPositionEmbeddings));
        var sequenceBytes = 2L * configuration.LayerCount * configuration.KeyValueSize * capacity * computeType.SizeInBytes();
        var count = slots ?? (int)Math.Clamp(DefaultCacheBytes / sequenceBytes, 1, DefaultSlots);
        count = Math.Clamp(count, 1, Math.Max(1, requestCount));
        var chunk = Math.Min(SequenceGenerator.MaxChunkLength, (Math.Max(1, longestPrompt) + SequenceGenerator.ChunkStep - 1) / SequenceGenerator.ChunkStep * SequenceGenerator.ChunkStep);
        return new GenerationPlan(count, capacity, chunk + count - 1);
    }

    /// <summary>What a transformer for it is made with.</summary>
    public TransformerOptions TransformerOptions => new(MaxTokens) { MaxPositions = Capacity };
}
