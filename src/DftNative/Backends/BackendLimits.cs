namespace DftNative.Backends;

/// <summary>The shapes that a device's operations take, and the losses.</summary>
/// <param name="ColumnMultiple">The hidden size, the intermediate size and the head dimension are multiples of it.</param>
/// <param name="LargestHiddenSize">Of the hidden size.</param>
/// <param name="LargestHeadDimension">Of the head dimension.</param>
public readonly record struct BackendLimits(int ColumnMultiple, int LargestHiddenSize, int LargestHeadDimension)
{
    /// <summary>Whether the loss head's weights can be functions of the target's own p and nothing else.</summary>
    public bool ProbabilityWeightsOnly { get; init; }

    /// <summary>Every shape.</summary>
    public static BackendLimits None => new(1, int.MaxValue, int.MaxValue);
}
