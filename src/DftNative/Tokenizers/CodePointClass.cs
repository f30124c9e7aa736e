namespace DftNative.Tokenizers;

/// <summary>What a pre-tokeniser's pattern asks of a code point.</summary>
internal enum CodePointClass : byte
{
    /// <summary>[^\s\p{L}\p{N}]: marks, punctuation, symbols, controls, unassigned.</summary>
    Other,

    /// <summary>\p{L}.</summary>
    Letter,

    /// <summary>\p{N}.</summary>
    Number,

    /// <summary>\s: Unicode's White_Space.</summary>
    WhiteSpace,
}
