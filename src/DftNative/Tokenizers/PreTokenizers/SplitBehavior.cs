namespace DftNative.Tokenizers;

/// <summary>What becomes of the text that a <see cref="PatternStage"/>'s pattern matches.</summary>
internal enum SplitBehavior
{
    /// <summary>A piece of its own.</summary>
    Isolated,

    /// <summary>Nothing.</summary>
    Removed,

    /// <summary>The end of the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>The beginning of the piece behind it.</summary>
    MergedWithNext,

    /// <summary>A piece together with the matches that touch it.</summary>
    Contiguous,
}
