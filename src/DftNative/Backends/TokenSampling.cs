namespace DftNative.Backends;

/// <summary>
/// How a token is drawn from logits. The order is Hugging Face's: repetition penalty, temperature, top-k, top-p, min-p,
/// each on what the one before it has left. A token as probable as the least probable one that is kept is kept too.
/// </summary>
public record TokenSampling
{
    /// <summary>Beyond it, and below its inverse, logits are flung out of what fp32 tells apart.</summary>
    private const double MaxRepetitionPenalty = 100;

    /// <summary>Logits are divided by this, a number ≥ 0; 0: the most probable token, of equals the first (greedy).</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the most probable tokens that together have at least this probability, in (0, 1]; 1: all (Holtzman et al. 2020).</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only so many most probable tokens; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>Only tokens with at least this share, in [0, 1], of the most probable one's probability; 0: all (Nguyen et al. 2024).</summary>
    public double MinP { get; init; }

    /// <summary>Logits of tokens of the prompt and of the sequence are divided by this where positive and multiplied where negative, a number in [0.01, 100]; 1: none (Keskar et al. 2019).</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Whether log-probabilities of the drawn tokens are kept.</summary>
    public bool KeepsLogProbabilities { get; init; }

    /// <summary>The first value that is out of its range, and the range; null: none is.</summary>
    public string? FindError() =>
        !(double.IsFinite(Temperature) && Temperature >= 0) ? Describe("temperature", Temperature, "a number ≥ 0")
        : TopP is not (> 0 and <= 1) ? Describe("top_p", TopP, "a number in (0, 1]")
        : TopK < 0 ? Describe("top_k", TopK, "an integer ≥ 0")
        : MinP is not (>= 0 and <= 1) ? Describe("min_p", MinP, "a number in [0, 1]")
        : RepetitionPenalty is not (>= 1 / MaxRepetitionPenalty and <= MaxRepetitionPenalty) ? Describe("repetition_penalty", RepetitionPenalty, "a number in [0.01, 100]")
        : null;

    /// <summary>Whether earlier tokens count.</summary>
    internal bool Penalizes => RepetitionPenalty != 1;

    /// <summary>Whether nothing is drawn by chance.</summary>
    internal bool IsGreedy => Temperature == 0;

    /// <summary>What logits below the largest are multiplied by.</summary>
    internal float InverseTemperature => (float)Math.Min(1 / Temperature, float.MaxValue);

    /// <summary>The least fp32 weight, the largest being 1, that min-p keeps.</summary>
    internal float MinWeight => (float)MinP < MinP ? MathF.BitIncrement((float)MinP) : (float)MinP;

    /// <summary>What top-p wants of a mass: the least number of units that is at least its share.</summary>
    /// <param name="units">The mass.</param>
    internal ulong TopUnits(ulong units) => Math.Min((ulong)Math.Ceiling(TopP * units), units);

    private static string Describe(string name, double value, string expected) => FormattableString.Invariant($"{name}: '{value}' is not {expected}");
}
