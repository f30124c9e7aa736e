using System.Globalization;
using System.Runtime.CompilerServices;

namespace DftNative.Tokenizers;

/// <summary>
/// The classes that pre-tokenisers tell apart, by code point: .NET's Regex sees UTF-16 units, so that its
/// <c>\p{L}</c> never matches a letter beyond the Basic Multilingual Plane.
/// </summary>
internal static class CodePoints
{
    private static readonly byte[] BasicPlane = ClassifyBasicPlane();

    /// <summary>The class of the code point that begins at <paramref name="index"/> of well-formed UTF-16, and its length in chars.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CodePointClass ClassAt(ReadOnlySpan<char> text, int index, out int length)
    {
        var unit = text[index];
        if (!char.IsHighSurrogate(unit))
        {
            length = 1;
            return (CodePointClass)BasicPlane[unit];
        }

        length = 2;
        return Classify(char.ConvertToUtf32(unit, text[index + 1]));
    }

    /// <summary>The code point that begins at <paramref name="index"/> of well-formed UTF-16, and its length in chars.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodeAt(ReadOnlySpan<char> text, int index, out int length)
    {
        var unit = text[index];
        length = char.IsHighSurrogate(unit) ? 2 : 1;
        return length == 1 ? unit : char.ConvertToUtf32(unit, text[index + 1]);
    }

    /// <summary>The length in chars of the code point that begins at <paramref name="index"/>.</summary>
    public static int LengthAt(ReadOnlySpan<char> text, int index) => char.IsHighSurrogate(text[index]) ? 2 : 1;

    /// <summary>Whether the code point is Unicode's White_Space.</summary>
    public static bool IsWhiteSpace(int code) => Classify(code) == CodePointClass.WhiteSpace;

    /// <summary>Where the run of <paramref name="wanted"/> that begins at <paramref name="start"/> ends, after at most <paramref name="limit"/> code points.</summary>
    public static int SkipRun(ReadOnlySpan<char> text, int start, CodePointClass wanted, int limit = int.MaxValue)
    {
        while (start < text.Length && limit-- > 0 && ClassAt(text, start, out var length) == wanted) start += length;
        return start;
    }

    /// <summary>Whether Rust's <c>\w</c> holds: alphabetic, mark, decimal digit, connector or join control.</summary>
    public static bool IsWord(int code) => CharUnicodeInfo.GetUnicodeCategory(code) switch
    {
        <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.Format => code is 0x200C or 0x200D,
        // Circled and squared Latin letters are symbols that are alphabetic.
        UnicodeCategory.OtherSymbol => code is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169)
            or (>= 0x1F170 and <= 0x1F189),
        _ => false,
    };

    private static byte[] ClassifyBasicPlane()
    {
        var classes = new byte[0x10000];
        for (var code = 0; code < classes.Length; code++) classes[code] = (byte)Classify(code);
        return classes;
    }

    private static CodePointClass Classify(int code) => CharUnicodeInfo.GetUnicodeCategory(code) switch
    {
        <= UnicodeCategory.OtherLetter => CodePointClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CodePointClass.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CodePointClass.WhiteSpace,
        _ => code is (>= '\t' and <= '\r') or 0x85 ? CodePointClass.WhiteSpace : CodePointClass.Other,
    };
}
