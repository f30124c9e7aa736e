namespace DftNative.Tokenizers;

/// <summary>What a piece of a SentencePiece model is; the numbers are the file's.</summary>
internal enum PieceKind
{
    /// <summary>An ordinary token.</summary>
    Normal = 1,

    /// <summary>The unknown token.</summary>
    Unknown = 2,

    /// <summary>A control token.</summary>
    Control = 3,

    /// <summary>A token that is found in the text before anything else.</summary>
    UserDefined = 4,

    /// <summary>A token that is not to be made.</summary>
    Unused = 5,

    /// <summary>A byte that a character falls back to.</summary>
    Byte = 6,
}
