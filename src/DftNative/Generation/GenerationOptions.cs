using DftNative.Backends;

namespace DftNative.Generation;

/// <summary>How sequences are sampled: how each token is drawn, and what ends them.</summary>
public sealed record GenerationOptions : TokenSampling
{
    /// <summary>Beyond it, and below its inverse, logits are flung out of what fp32 tells apart.</summary>
    private const double MaxRepetitionPenalty = 100;

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
        Require(double.IsFinite(Temperature) && Temperature >= 0, "temperature", Temperature, "a number ≥ 0");
        Require(TopP is > 0 and <= 1, "top_p", TopP, "a number in (0, 1]");
        Require(TopK >= 0, "top_k", TopK, "an integer ≥ 0");
        Require(MinP is >= 0 and <= 1, "min_p", MinP, "a number in [0, 1]");
        Require(RepetitionPenalty is >= 1 / MaxRepetitionPenalty and <= MaxRepetitionPenalty, "repetition_penalty", RepetitionPenalty, "a number in [0.01, 100]");
        Require(MaxNewTokens >= 1, "max_new_tokens", MaxNewTokens, "an integer ≥ 1");
        Require(!StopStrings.Any(string.IsNullOrEmpty), "stop", "", "a text that is not empty");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds) throw new DftNativeException(ExitCode.Usage, FormattableString.Invariant($"{name}: '{value}' is not {expected}"));
    }
}
