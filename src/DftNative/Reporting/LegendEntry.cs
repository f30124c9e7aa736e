namespace DftNative.Reporting;

/// <summary>A series in a chart's legend.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Style">The style class of its marks.</param>
/// <param name="IsLine">Whether its mark is a line; else a bar.</param>
internal readonly record struct LegendEntry(string Name, string Style, bool IsLine);
