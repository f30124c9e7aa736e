namespace DftNative.Tests.Cuda;

/// <summary>A gradient in fp64 and the largest error of each of its elements; NaN where nothing contributes.</summary>
/// <param name="Values">The gradient.</param>
/// <param name="Bounds">How far a bf16 kernel's may be from it.</param>
internal sealed record Gradient(double[] Values, double[] Bounds)
{
    /// <summary>A gradient to which nothing contributes yet.</summary>
    public static Gradient NotANumber(int length)
    {
        var values = new double[length];
        Array.Fill(values, double.NaN);
        return new Gradient(values, new double[length]);
    }

    /// <summary>Adds a term and its error.</summary>
    public void Add(int index, double term, double error)
    {
        Values[index] = (double.IsNaN(Values[index]) ? 0 : Values[index]) + term;
        Bounds[index] += error;
    }

    /// <summary>Adds the rounding of the result itself.</summary>
    public void AddResultRounding(double rounding)
    {
        for (var i = 0; i < Values.Length; i++) Bounds[i] += rounding * Math.Abs(Values[i]);
    }
}
