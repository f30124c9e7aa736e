namespace DftNative.Reporting;

/// <summary>A histogram of a <see cref="HistogramChart"/>.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Of its bars.</param>
/// <param name="Counts">Of each bin; those that are not positive are not drawn.</param>
public sealed record HistogramSeries(string Name, SeriesColor Color, IReadOnlyList<double> Counts);
