namespace DftNative.Reporting;

/// <summary>How an axis's values are written.</summary>
public enum TickFormat
{
    /// <summary>As they are.</summary>
    Number,

    /// <summary>Fractions as per cent: 0.25 is "25 %".</summary>
    Percent,
}
