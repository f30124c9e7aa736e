namespace DftNative.Models;

/// <summary>What a <see cref="Transformer"/> is made for: it decides what is allocated.</summary>
/// <param name="MaxTokens">The most tokens of one pass (micro_batch_tokens).</param>
public sealed record TransformerOptions(int MaxTokens)
{
    /// <summary>Whether gradients and what backward needs are allocated.</summary>
    public bool Training { get; init; }

    /// <summary>Positions of the RoPE table: the longest document; 0: <see cref="MaxTokens"/>.</summary>
    public int MaxPositions { get; init; }
}
