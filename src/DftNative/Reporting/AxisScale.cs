namespace DftNative.Reporting;

/// <summary>How values map to lengths along an axis.</summary>
public enum AxisScale
{
    /// <summary>Equal differences are equal lengths.</summary>
    Linear,

    /// <summary>Equal ratios are equal lengths; values that are not positive lie at the axis's start.</summary>
    Logarithmic,
}
