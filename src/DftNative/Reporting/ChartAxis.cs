namespace DftNative.Reporting;

/// <summary>What an axis shows. A bound that is not given comes from the data, rounded outwards to a tick.</summary>
/// <param name="Label">The quantity and its unit.</param>
public sealed record ChartAxis(string Label)
{
    /// <summary>How values map to lengths.</summary>
    public AxisScale Scale { get; init; } = AxisScale.Linear;

    /// <summary>How values are written.</summary>
    public TickFormat Format { get; init; } = TickFormat.Number;

    /// <summary>The first value; null: from the data.</summary>
    public double? Minimum { get; init; }

    /// <summary>The last value; null: from the data.</summary>
    public double? Maximum { get; init; }
}
