namespace DftNative.Tokenizers;

/// <summary>Where Metaspace puts a mark in front of a piece that has none.</summary>
internal enum MetaspacePrepend
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>At the beginning of the text only.</summary>
    First,

    /// <summary>At every piece.</summary>
    Always,
}
