namespace DftNative.Losses;

/// <summary>Sums over trained targets, as the loss head leaves them in a device vector of <see cref="Length"/> doubles.</summary>
/// <param name="Tokens">The number of targets.</param>
/// <param name="WeightedLossSum">Σ −w·log p.</param>
/// <param name="NegativeLogLikelihoodSum">Σ −log p.</param>
/// <param name="ProbabilitySum">Σ p.</param>
/// <param name="CorrectCount">Targets that are the arg max of their logits.</param>
/// <param name="Histogram">[<see cref="HistogramBins"/>] counts of p in equal bins of [0, 1].</param>
public sealed record TokenLossStatistics(
    double Tokens, double WeightedLossSum, double NegativeLogLikelihoodSum, double ProbabilitySum, double CorrectCount, double[] Histogram)
{
    /// <summary>Bins of the histogram of p.</summary>
    public const int HistogramBins = 64;

    /// <summary>Doubles of the device vector: tokens, weighted loss, NLL, Σp, correct, then the histogram.</summary>
    public const int Length = 5 + HistogramBins;

    /// <summary>Where an optimizer step's vector has the global gradient norm before clipping: behind the loss's sums.</summary>
    public const int GradientNormIndex = Length;

    /// <summary>Doubles of an optimizer step's vector.</summary>
    public const int StepLength = Length + 1;

    /// <summary>Reads a device vector's values.</summary>
    public static TokenLossStatistics FromValues(ReadOnlySpan<double> values) =>
        new(values[0], values[1], values[2], values[3], values[4], values.Slice(5, HistogramBins).ToArray());

    /// <summary>Whether the weighted loss and the NLL of a device vector's values are finite.</summary>
    public static bool AreSumsFinite(ReadOnlySpan<double> values) => double.IsFinite(values[1]) && double.IsFinite(values[2]);

    /// <summary>Weighted loss per target.</summary>
    public double Loss => Tokens == 0 ? 0 : WeightedLossSum / Tokens;

    /// <summary>Plain negative log-likelihood per target.</summary>
    public double NegativeLogLikelihood => Tokens == 0 ? 0 : NegativeLogLikelihoodSum / Tokens;

    /// <summary>Mean p.</summary>
    public double MeanTokenProbability => Tokens == 0 ? 0 : ProbabilitySum / Tokens;

    /// <summary>Share of targets that are the arg max.</summary>
    public double TokenAccuracy => Tokens == 0 ? 0 : CorrectCount / Tokens;
}
