namespace DftNative.Evaluation.Benchmarks;

/// <summary>The chance that at least one of k samples is right.</summary>
public static class PassAtK
{
    /// <summary>The unbiased estimate from n samples, 1 − C(n − c, k)/C(n, k) (Chen et al. 2021).</summary>
    /// <param name="sampleCount">n.</param>
    /// <param name="rightCount">c, how many of them are right.</param>
    /// <param name="k">1 to n.</param>
    public static double Estimate(int sampleCount, int rightCount, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, sampleCount);
        var noneRight = 1.0;
        for (var i = 0; i < k; i++) noneRight *= Math.Max(0, sampleCount - rightCount - i) / (double)(sampleCount - i);
        return 1 - noneRight;
    }

    /// <summary>The k that are reported for n samples: the powers of two, and n.</summary>
    public static IReadOnlyList<int> Choices(int sampleCount)
    {
        var choices = new List<int>();
        for (var k = 1; k < sampleCount; k *= 2) choices.Add(k);
        choices.Add(sampleCount);
        return choices;
    }
}
