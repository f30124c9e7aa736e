namespace DftNative.Bench.Kernels;

/// <summary>‖actual − expected‖ / ‖expected‖, added up.</summary>
internal sealed class ErrorNorm
{
    private double difference;
    private double norm;

    /// <summary>The relative error; the absolute one where everything expected is 0; infinite where a number is NaN.</summary>
    public double Relative
    {
        get
        {
            var relative = Math.Sqrt(norm == 0 ? difference : difference / norm);
            return double.IsNaN(relative) ? double.PositiveInfinity : relative;
        }
    }

    /// <summary>One element.</summary>
    public void Add(double actual, double expected)
    {
        difference += (actual - expected) * (actual - expected);
        norm += expected * expected;
    }

    /// <summary>Elements in order.</summary>
    public void Add(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        for (var i = 0; i < expected.Length; i++) Add(actual[i], expected[i]);
    }
}
