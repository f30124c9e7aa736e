namespace DftNative.Bench.Kernels;

/// <summary>How far an output is from fp64.</summary>
/// <param name="Output">Its name.</param>
/// <param name="Error">‖out − reference‖ / ‖reference‖ over the checked elements; infinite where one is NaN or was not written.</param>
/// <param name="Bound">The largest error that passes.</param>
internal readonly record struct OutputError(string Output, double Error, double Bound)
{
    /// <summary>Whether it passes.</summary>
    public bool IsWithin => Error <= Bound;
}
