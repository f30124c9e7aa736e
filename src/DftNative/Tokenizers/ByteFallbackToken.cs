using System.Globalization;

namespace DftNative.Tokenizers;

/// <summary>The tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> that stand for single bytes in a SentencePiece vocabulary.</summary>
internal static class ByteFallbackToken
{
    /// <summary>The token of a byte.</summary>
    public static string Of(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The byte that a token stands for, or null.</summary>
    public static byte? Parse(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
