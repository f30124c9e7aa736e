using DftNative.Backends;

namespace DftNative.Models;

/// <summary>What a <see cref="Transformer"/> is made for: it decides what is allocated.</summary>
/// <param name="MaxTokens">The most tokens of one pass (micro_batch_tokens).</param>
public sealed record TransformerOptions(int MaxTokens)
{
    /// <summary>Rows at which the head's matrix products are at full speed.</summary>
    public const int DefaultLossChunkRows = 4096;

    /// <summary>Whether gradients and what backward needs are allocated.</summary>
    public bool Training { get; init; }

    /// <summary>Whether there is memory for the loss forward, with the entropy of each target's distribution, but for no gradients.</summary>
    public bool Scoring { get; init; }

    /// <summary>What backward computes again. The gradients do not depend on it.</summary>
    public RecomputeLevel Recompute { get; init; }

    /// <summary>Rows whose logits the loss head holds at once, at most: memory against the size of its matrix products.</summary>
    public int LossChunkRows { get; init; } = DefaultLossChunkRows;

    /// <summary>The type of the gradients: fp32, or bf16 on a device that computes in it, rounded stochastically.</summary>
    public DataType GradientType { get; init; } = DataType.Float32;

    /// <summary>Of the random bits by which bf16 gradients are rounded.</summary>
    public ulong Seed { get; init; }

    /// <summary>Positions of the RoPE table: the longest document; 0: <see cref="MaxTokens"/>.</summary>
    public int MaxPositions { get; init; }

    /// <summary>The largest pass, for <see cref="IBackend.Reserve"/>.</summary>
    /// <param name="configuration">The model.</param>
    internal PassShape ShapeOf(ModelConfiguration configuration) => new()
    {
        TokenCount = MaxTokens,
        HiddenSize = configuration.HiddenSize,
        IntermediateSize = configuration.IntermediateSize,
        VocabularySize = configuration.VocabularySize,
        HeadCount = configuration.HeadCount,
        KeyValueHeadCount = configuration.KeyValueHeadCount,
        HeadDimension = configuration.HeadDimension,
        QueryKeyNorm = configuration.QueryKeyNorm,
        QueryKeyValueBias = configuration.QueryKeyValueBias,
        AttentionOutputBias = configuration.AttentionOutputBias,
        Training = Training,
        Scoring = Scoring,
        LossChunkRows = LossChunkRows,
        GradientType = GradientType,
    };
}
