using DftNative.Backends;

namespace DftNative.Generation;

/// <summary>How sequences are sampled: how each token is drawn, and what ends them.</summary>
public sealed record GenerationOptions : TokenSampling
{
    /// <summary>The most tokens to add to a prompt.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Seed of the run; with a sequence's stream and a token's position it decides every draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>Tokens that end a sequence; the one that does is part of its tokens and not of its text.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Texts that end a sequence; its text ends before the first that appears. They need a generator with a tokenizer.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the first value that is wrong.</exception>
    public void Validate()
    {
        if (FindError() is { } error) throw new DftNativeException(ExitCode.Usage, error);
        Require(MaxNewTokens >= 1, "max_new_tokens", MaxNewTokens, "an integer ≥ 1");
        Require(!StopStrings.Any(string.IsNullOrEmpty), "stop", "", "a text that is not empty");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds) throw new DftNativeException(ExitCode.Usage, FormattableString.Invariant($"{name}: '{value}' is not {expected}"));
    }
}
