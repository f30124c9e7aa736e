namespace DftNative.Generation;

/// <summary>
/// How sequences are sampled. The order is Hugging Face's: repetition penalty, temperature, top-k, top-p, min-p, each
/// on what the one before it has left.
/// </summary>
public sealed record GenerationOptions
{
    /// <summary>Logits are divided by this; 0: the most probable token (greedy).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the most probable tokens that together have at least this probability; 1: all (Holtzman et al. 2020).</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only so many most probable tokens; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>Only tokens with at least this share of the most probable one's probability; 0: all (Nguyen et al. 2024).</summary>
    public double MinP { get; init; }

    /// <summary>Logits of tokens of the prompt and of the sequence are divided by this where positive and multiplied where negative; 1: none (Keskar et al. 2019).</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>The most tokens to add to a prompt.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Seed of the run; with a sequence's stream and a token's position it decides every draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>Tokens that end a sequence; the one that does is part of its tokens and not of its text.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Texts that end a sequence; its text ends before the first that appears. They need a generator with a tokenizer.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether log-probabilities of the drawn tokens are kept.</summary>
    public bool KeepsLogProbabilities { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the first value that is wrong.</exception>
    public void Validate()
    {
        Require(double.IsFinite(Temperature) && Temperature >= 0, "temperature", Temperature, "a number ≥ 0");
        Require(TopP is > 0 and <= 1, "top_p", TopP, "a number in (0, 1]");
        Require(TopK >= 0, "top_k", TopK, "an integer ≥ 0");
        Require(MinP is >= 0 and <= 1, "min_p", MinP, "a number in [0, 1]");
        Require(double.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, "repetition_penalty", RepetitionPenalty, "a number > 0");
        Require(MaxNewTokens >= 1, "max_new_tokens", MaxNewTokens, "an integer ≥ 1");
        Require(!StopStrings.Any(string.IsNullOrEmpty), "stop", "", "a text that is not empty");
    }

    private static void Require(bool holds, string name, object value, string expected)
    {
        if (!holds) throw new DftNativeException(ExitCode.Usage, FormattableString.Invariant($"{name}: '{value}' is not {expected}"));
    }
}
