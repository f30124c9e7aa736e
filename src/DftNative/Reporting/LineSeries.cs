namespace DftNative.Reporting;

/// <summary>A line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">Its name in the legend; empty for the only one, which the vertical axis names.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Points">In the order of drawing.</param>
public sealed record LineSeries(string Name, SeriesColor Color, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Whether its points have marks where they are few.</summary>
    public bool HasMarks { get; init; } = true;
}
