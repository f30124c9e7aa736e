namespace DftNative.Tests.Reference;

/// <summary>Reproducible test data.</summary>
internal sealed class RandomValues(int seed)
{
    private readonly Random random = new(seed);

    /// <summary>[count] uniform in mean ± spread.</summary>
    public double[] Array(int count, double spread = 1, double mean = 0)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = mean + spread * (2 * random.NextDouble() - 1);
        return values;
    }

    /// <summary>Σ a·b: a scalar to differentiate, whose gradient in b is a.</summary>
    public static double Project(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
