namespace DftNative.Training;

/// <summary>What becomes of a row longer than max_length.</summary>
public enum MaxLengthAction
{
    /// <summary>Its right end is cut off, and with it the end-of-sequence target.</summary>
    Truncate,

    /// <summary>It is left out.</summary>
    Drop,
}
