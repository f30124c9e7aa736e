namespace DftNative.Data;

/// <summary>What becomes of a row with more tokens than max_length.</summary>
public enum Truncation
{
    /// <summary>It is cut at its end, and so is not taught to end there.</summary>
    Truncate,

    /// <summary>It is left out.</summary>
    Drop,
}
