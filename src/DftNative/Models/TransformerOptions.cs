using DftNative.Backends;

namespace DftNative.Models;

/// <summary>What a <see cref="Transformer"/> is made for: it decides what is allocated.</summary>
/// <param name="MaxTokens">The most tokens of one pass (micro_batch_tokens).</param>
public sealed record TransformerOptions(int MaxTokens)
{
    /// <summary>Whether gradients and what backward needs are allocated.</summary>
    public bool Training { get; init; }

    /// <summary>The type of the gradients: fp32, or bf16 on a device that computes in it, rounded stochastically.</summary>
    public DataType GradientType { get; init; } = DataType.Float32;

    /// <summary>Of the random bits by which bf16 gradients are rounded.</summary>
    public ulong Seed { get; init; }

    /// <summary>Positions of the RoPE table: the longest document; 0: <see cref="MaxTokens"/>.</summary>
    public int MaxPositions { get; init; }
}
