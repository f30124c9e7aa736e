using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments.Statistics;

/// <summary>Wilson's interval of a share, which stays an interval where all or none are right.</summary>
internal static class WilsonInterval
{
    /// <summary>The 97.5 % point of the normal distribution.</summary>
    private const double NormalQuantile = 1.959963984540054;

    /// <summary>The 95 % interval of a share that was observed in <paramref name="count"/> independent trials; null for none.</summary>
    public static Estimate? Of(double share, int count)
    {
        if (count == 0) return null;
        var square = NormalQuantile * NormalQuantile / count;
        var center = (share + (square / 2)) / (1 + square);
        var half = NormalQuantile / (1 + square) * Math.Sqrt((share * (1 - share) / count) + (square / (4 * count)));
        return new Estimate(share, Math.Max(0, center - half), Math.Min(1, center + half));
    }
}
