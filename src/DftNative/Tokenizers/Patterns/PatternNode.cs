namespace DftNative.Tokenizers;

/// <summary>A part of a parsed pattern.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether it may match nothing.</summary>
    public abstract bool CanBeEmpty { get; }

    /// <summary>How many code points it matches; null where that varies.</summary>
    public abstract int? Width { get; }
}
