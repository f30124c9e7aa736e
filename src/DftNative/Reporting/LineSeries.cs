namespace DftNative.Reporting;

/// <summary>A line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Points">In the order of drawing.</param>
public sealed record LineSeries(string Name, SeriesColor Color, IReadOnlyList<ChartPoint> Points);
