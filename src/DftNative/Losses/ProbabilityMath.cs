namespace DftNative.Losses;

/// <summary>Functions of log p that keep their digits where p is near 1.</summary>
internal static class ProbabilityMath
{
    /// <summary>e^x − 1 for x ≤ 0, correct to an ulp of fp32 also near 0.</summary>
    public static float ExpMinusOne(float x)
    {
        // Kahan's formula in double: (e^x − 1)·x / ln(e^x), exact enough to be rounded once.
        var u = Math.Exp(x);
        if (u == 1) return x;
        return u < 1e-5 ? (float)(u - 1) : (float)((u - 1) * x / Math.Log(u));
    }
}
