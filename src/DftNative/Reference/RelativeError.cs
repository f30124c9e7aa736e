namespace DftNative.Reference;

/// <summary>How far a tensor is from its reference: ‖g − r‖ / ‖r‖, Euclidean norms over all elements, in fp64.</summary>
/// <remarks>
/// Where ‖r‖ = 0 there is nothing to be relative to and the result is ‖g‖ itself, so that rounding in a gradient that is
/// zero by symmetry passes a tolerance and a real gradient does not. A NaN on either side makes the result infinite, so
/// that it passes no tolerance however that is compared.
/// </remarks>
public static class RelativeError
{
    /// <summary>‖values − reference‖ / ‖reference‖.</summary>
    /// <param name="reference">[n] r.</param>
    /// <param name="values">[n] g.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Of(ReadOnlySpan<double> reference, ReadOnlySpan<float> values)
    {
        ThrowIfLengthsDiffer(reference.Length, values.Length);
        double squaredDifference = 0, squaredReference = 0;
        for (var i = 0; i < reference.Length; i++) Add(reference[i], values[i], ref squaredDifference, ref squaredReference);
        return Quotient(squaredDifference, squaredReference);
    }

    /// <summary>‖values − reference‖ / ‖reference‖.</summary>
    /// <param name="reference">[n] r.</param>
    /// <param name="values">[n] g.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> values)
    {
        ThrowIfLengthsDiffer(reference.Length, values.Length);
        double squaredDifference = 0, squaredReference = 0;
        for (var i = 0; i < reference.Length; i++) Add(reference[i], values[i], ref squaredDifference, ref squaredReference);
        return Quotient(squaredDifference, squaredReference);
    }

    private static void Add(double reference, double value, ref double squaredDifference, ref double squaredReference)
    {
        squaredDifference += (value - reference) * (value - reference);
        squaredReference += reference * reference;
    }

    private static double Quotient(double squaredDifference, double squaredReference)
    {
        var quotient = Math.Sqrt(squaredDifference) / (squaredReference == 0 ? 1 : Math.Sqrt(squaredReference));
        return double.IsNaN(quotient) ? double.PositiveInfinity : quotient;
    }

    private static void ThrowIfLengthsDiffer(int reference, int values)
    {
        if (reference != values) throw new ArgumentException($"The reference has {reference} elements, the values {values}.");
    }
}
