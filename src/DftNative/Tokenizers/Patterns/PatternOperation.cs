namespace DftNative.Tokenizers;

/// <summary>What a step of a compiled <see cref="RegularPattern"/> does.</summary>
internal enum PatternOperation : byte
{
    /// <summary>The pattern, or the look-around or atomic group that runs, has matched.</summary>
    Accept,

    /// <summary>Never matches.</summary>
    Fail,

    /// <summary>One code point of the set.</summary>
    One,

    /// <summary>As many code points of the set as there are, within bounds; fewer when what follows fails.</summary>
    Greedy,

    /// <summary>As few code points of the set as will do, within bounds.</summary>
    Lazy,

    /// <summary>As many code points of the set as there are, within bounds, and never fewer.</summary>
    Possessive,

    /// <summary>Goes on at the first target, at the second when that fails.</summary>
    Fork,

    /// <summary>Goes on at the first target.</summary>
    Jump,

    /// <summary>What stands behind it must match here; goes on at the first target.</summary>
    LookAhead,

    /// <summary>What stands behind it must not match here; goes on at the first target.</summary>
    NotAhead,

    /// <summary>What stands behind it must match what ends here; goes on at the first target.</summary>
    LookBehind,

    /// <summary>What stands behind it must not match what ends here; goes on at the first target.</summary>
    NotBehind,

    /// <summary>What stands behind it is matched once for all; goes on at the first target.</summary>
    Atomic,

    /// <summary>The beginning of the text.</summary>
    TextStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The beginning of a line.</summary>
    LineStart,

    /// <summary>The end of a line.</summary>
    LineEnd,

    /// <summary>A place between a word character and another.</summary>
    WordBoundary,

    /// <summary>A place that is not between a word character and another.</summary>
    NotWordBoundary,
}
