using DftNative.Demo;

namespace DftNative.Experiments.Statistics;

/// <summary>Compares two models by their scores on the same problems.</summary>
internal static class PairedTest
{
    private const int Draws = 10_000;
    private const ulong SignStream = 1;

    /// <summary>Of scores in [0, 1] that are means over samples and seeds.</summary>
    private const double Rounding = 1e-12;

    /// <summary>
    /// The two-sided p-value of "which model a score is of does not matter", by the permutation test that swaps the two
    /// scores of each problem or not. Where every difference that is not 0 has one size it is exact (the binomial sign
    /// test: McNemar's), else it is estimated from 10,000 random permutations, the observed one among them.
    /// </summary>
    /// <param name="differences">Of each problem, the first model's score less the second's.</param>
    /// <param name="seed">Of the permutations.</param>
    public static double Permutation(IReadOnlyList<double> differences, ulong seed)
    {
        var nonZero = differences.Where(difference => Math.Abs(difference) > Rounding).ToArray();
        if (nonZero.Length == 0) return 1;
        var size = Math.Abs(nonZero[0]);
        if (nonZero.All(difference => Math.Abs(Math.Abs(difference) - size) <= Rounding)) return SignTest(nonZero.Count(difference => difference > 0), nonZero.Count(difference => difference < 0));

        // Sums in another order may differ in their last bits: as much as that is no difference.
        var observed = Math.Abs(nonZero.Sum()) * (1 - 1e-12);
        var random = new RandomStream(seed, SignStream);
        var extreme = 1;
        for (var draw = 1; draw < Draws; draw++)
        {
            double sum = 0;
            foreach (var difference in nonZero) sum += random.Next(2) == 0 ? difference : -difference;
            if (Math.Abs(sum) >= observed) extreme++;
        }

        return (double)extreme / Draws;
    }

    /// <summary>The exact two-sided sign test: 2·P(X ≤ the smaller count) with X ~ B(n, ½), at most 1, and never 0, which beyond a thousand differences would be rounding.</summary>
    public static double SignTest(int positive, int negative)
    {
        var (count, smaller) = (positive + negative, Math.Min(positive, negative));
        // ln C(n, k), summed up from k = 0.
        double logChoose = 0, sum = 0;
        for (var k = 0; k <= smaller; k++)
        {
            sum += Math.Exp(logChoose - (count * Math.Log(2)));
            logChoose += Math.Log((double)(count - k) / (k + 1));
        }

        return Math.Clamp(2 * sum, double.Epsilon, 1);
    }
}
