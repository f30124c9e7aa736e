namespace DftNative.Losses;

/// <summary>
/// The detached factor w on a token's −log p, and what is added to it. As a function of the target's p alone:
/// <c>w = max(p^Exponent, MinWeight)·(1 − p)^FocalGamma</c>, where a power of 0 is 1, without the floor. Exponent 0 is
/// cross-entropy, exponent 1 and floor 0 is DFT (Wu et al. 2025, arXiv 2508.05629). Whatever more a loss reads (entropy, a
/// response's p, a reference model) is 0 or <see cref="DftGranularity.Token"/> by default.
/// </summary>
/// <param name="Exponent">α ≥ 0 in p^α.</param>
/// <param name="MinWeight">Floor of p^α, in [0, 1].</param>
public readonly record struct TokenWeighting(float Exponent, float MinWeight)
{
    /// <summary>What the entropy is divided by: the largest of 20 tokens is ln 20 = 2.996.</summary>
    private const double EntropyUnit = 3;

    /// <summary>w = 1.</summary>
    public static TokenWeighting Sft => new(0, 0);

    /// <summary>w = p.</summary>
    public static TokenWeighting Dft => new(1, 0);

    /// <summary>γ ≥ 0 in (1 − p)^γ.</summary>
    public float FocalGamma { get; init; }

    /// <summary>k ≥ 2: w = (H/3)^<see cref="EntropyExponent"/> in place of a function of p, H the entropy of the k largest logits; 0: not so.</summary>
    public int EntropyTopK { get; init; }

    /// <summary>α ≥ 0 in (H/3)^α.</summary>
    public float EntropyExponent { get; init; }

    /// <summary>Whose p is in p^<see cref="Exponent"/>.</summary>
    public DftGranularity Granularity { get; init; }

    /// <summary>α ≥ 0 in w·(−log p) + α·KL(π_ref ‖ π_θ); 0: without a reference model.</summary>
    public float DivergenceFactor { get; init; }

    /// <summary>Whether the loss and its gradient follow from the logits' softmax and p alone.</summary>
    public bool IsFunctionOfProbability => EntropyTopK == 0 && Granularity == DftGranularity.Token && DivergenceFactor == 0;

    /// <summary>w = (1 − p)^γ.</summary>
    public static TokenWeighting Focal(float gamma) => new(0, 0) { FocalGamma = gamma };

    /// <summary>w for a target of log-probability <paramref name="logProbability"/>.</summary>
    public float Evaluate(float logProbability)
    {
        var weight = Exponent == 0 ? 1 : MathF.Max(MathF.Exp(Exponent * logProbability), MinWeight);
        return FocalGamma == 0 ? weight : weight * (float)Math.Pow(-ProbabilityMath.ExpMinusOne(logProbability), FocalGamma);
    }

    /// <summary>w of a target in a response whose probability, or its geometric mean, has this logarithm.</summary>
    public float EvaluateResponse(double logProbability) =>
        Exponent == 0 ? 1 : (float)Math.Max(Math.Exp(Exponent * logProbability), MinWeight);

    /// <summary>w for a target whose most likely tokens have this entropy, in nats.</summary>
    public float EvaluateEntropy(double entropy) => (float)Math.Pow(entropy / EntropyUnit, EntropyExponent);
}
