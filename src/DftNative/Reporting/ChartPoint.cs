namespace DftNative.Reporting;

/// <summary>A point of a line, with a confidence interval where both its ends are given.</summary>
/// <param name="X">Abscissa.</param>
/// <param name="Y">Ordinate; NaN interrupts the line.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct ChartPoint(double X, double Y, double? Low = null, double? High = null)
{
    /// <summary>Whether it can be drawn.</summary>
    public bool IsFinite => double.IsFinite(X) && double.IsFinite(Y);

    /// <summary>Whether its interval can be drawn.</summary>
    public bool HasInterval => IsFinite && Low is { } low && High is { } high && double.IsFinite(low) && double.IsFinite(high);
}
