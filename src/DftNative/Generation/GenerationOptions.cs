namespace DftNative.Generation;

/// <summary>How sequences are sampled.</summary>
public sealed record GenerationOptions
{
    /// <summary>Logits are divided by this; 0: the most probable token (greedy).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>The most tokens to add to a prompt.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Seed of the run; with a sequence's index and a token's position it decides every draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>Tokens that end a sequence; the one that does is part of the result.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];
}
