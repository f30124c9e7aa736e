namespace DftNative.Backends;

/// <summary>The shapes that a device's operations take.</summary>
/// <param name="ColumnMultiple">The hidden size, the intermediate size and the head dimension are multiples of it.</param>
/// <param name="LargestHiddenSize">Of the hidden size.</param>
/// <param name="LargestHeadDimension">Of the head dimension.</param>
public readonly record struct BackendLimits(int ColumnMultiple, int LargestHiddenSize, int LargestHeadDimension)
{
    /// <summary>Every shape.</summary>
    public static BackendLimits None => new(1, int.MaxValue, int.MaxValue);
}
