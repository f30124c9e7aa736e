namespace DftNative.Generation;

/// <summary>What ended a sequence.</summary>
public enum FinishReason
{
    /// <summary>A stop token, which is the last of the sequence's tokens.</summary>
    StopToken,

    /// <summary>A stop string, which the text does not have.</summary>
    StopString,

    /// <summary>As many new tokens as were allowed, or as the cache has room for.</summary>
    Length,
}
