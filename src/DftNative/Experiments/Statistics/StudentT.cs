using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments.Statistics;

/// <summary>Student's t distribution, and what it says of the mean of a few numbers: for results over seeds, which are few and independent.</summary>
internal static class StudentT
{
    private const int MaxTerms = 500;
    private const double Smallest = 1e-300;
    private const double Rounding = 1e-12;

    /// <summary>The t &gt; 0 that |T| exceeds with the probability <paramref name="tail"/>, by bisection.</summary>
    public static double TwoSidedQuantile(double tail, double degrees)
    {
        double low = 0, high = 1;
        while (TwoSidedTail(high, degrees) > tail) high *= 2;
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            if (TwoSidedTail(middle, degrees) > tail) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>P(|T| ≥ |t|).</summary>
    public static double TwoSidedTail(double t, double degrees) => IncompleteBeta(degrees / (degrees + (t * t)), degrees / 2, 0.5);

    /// <summary>The 95 % interval of the mean of independent values; null where they tell nothing of their spread: fewer than two, or all alike.</summary>
    public static Estimate? MeanInterval(IReadOnlyList<double> values)
    {
        if (StandardError(values) is not { } error) return null;
        var (mean, half) = (values.Average(), TwoSidedQuantile(0.05, values.Count - 1) * error);
        return new Estimate(mean, mean - half, mean + half);
    }

    /// <summary>
    /// The two-sided p-value of "the mean of these differences is 0" (the paired t-test); null where they tell nothing of
    /// their spread. Shares of few problems are easily alike in a few seeds: that is no certainty.
    /// </summary>
    public static double? PairedTest(IReadOnlyList<double> differences) =>
        StandardError(differences) is { } error ? TwoSidedTail(differences.Average() / error, differences.Count - 1) : null;

    /// <summary>Of the mean; null for fewer than two values, and for values that differ by no more than their rounding.</summary>
    private static double? StandardError(IReadOnlyList<double> values)
    {
        if (values.Count < 2) return null;
        var mean = values.Average();
        var error = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count);
        return error > Rounding * values.Max(Math.Abs) ? error : null;
    }

    /// <summary>The regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8; Lentz's evaluation).</summary>
    private static double IncompleteBeta(double x, double a, double b)
    {
        if (x <= 0) return 0;
        if (x >= 1) return 1;
        // The fraction converges fast on this side of the mean; the other side is its mirror image.
        if (x > (a + 1) / (a + b + 2)) return 1 - IncompleteBeta(1 - x, b, a);
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x))) / a;
        double fraction = 1, c = 1, d = 0;
        for (var term = 0; term < MaxTerms; term++)
        {
            var m = term / 2;
            var numerator = term == 0 ? 1
                : term % 2 == 0 ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (numerator * d));
            c = NotZero(1 + (numerator / c));
            fraction *= c * d;
            if (Math.Abs((c * d) - 1) < 1e-15) break;
        }

        return front * (fraction - 1);
    }

    private static double NotZero(double value) => Math.Abs(value) < Smallest ? Smallest : value;

    /// <summary>ln Γ(x) for x &gt; 0: Stirling's series, after recurring up to where it is exact to 1e-15.</summary>
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++) shift += Math.Log(x);
        var inverse = 1 / (x * x);
        var series = (((((((-1.0 / 1680) * inverse) + (1.0 / 1260)) * inverse) - (1.0 / 360)) * inverse) + (1.0 / 12)) / x;
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - shift;
    }
}
