namespace DftNative.Reporting;

/// <summary>A bar of a <see cref="BarChart"/>, with a confidence interval where both its ends are given.</summary>
/// <param name="Name">Written under the bar.</param>
/// <param name="Color">Its colour.</param>
/// <param name="Value">Its height; not drawn where it is not finite.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record Bar(string Name, SeriesColor Color, double Value, double? Low = null, double? High = null);
