namespace DftNative.Losses;

/// <summary>
/// The detached factor w(p) on a token's −log p: <c>max(p^Exponent, MinWeight)·(1 − p)^FocalGamma</c>, where a power of 0 is
/// 1, without the floor. Exponent 0 is cross-entropy, exponent 1 and floor 0 is DFT (Wu et al. 2025, arXiv 2508.05629).
/// </summary>
/// <param name="Exponent">α ≥ 0 in p^α.</param>
/// <param name="MinWeight">Floor of p^α, in [0, 1].</param>
public readonly record struct TokenWeighting(float Exponent, float MinWeight)
{
    /// <summary>w = 1.</summary>
    public static TokenWeighting Sft => new(0, 0);

    /// <summary>w = p.</summary>
    public static TokenWeighting Dft => new(1, 0);

    /// <summary>γ ≥ 0 in (1 − p)^γ.</summary>
    public float FocalGamma { get; init; }

    /// <summary>w = (1 − p)^γ.</summary>
    public static TokenWeighting Focal(float gamma) => new(0, 0) { FocalGamma = gamma };

    /// <summary>w for a target of log-probability <paramref name="logProbability"/>.</summary>
    public float Evaluate(float logProbability)
    {
        var weight = Exponent == 0 ? 1 : MathF.Max(MathF.Exp(Exponent * logProbability), MinWeight);
        return FocalGamma == 0 ? weight : weight * (float)Math.Pow(-ProbabilityMath.ExpMinusOne(logProbability), FocalGamma);
    }
}
