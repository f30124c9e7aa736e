namespace DftNative.Tokenizers;

/// <summary>SentencePiece's mark for a space, U+2581.</summary>
internal static class SpaceMark
{
    /// <summary>The mark.</summary>
    public const char Character = '\u2581';

    /// <summary>The mark as text.</summary>
    public const string Text = "\u2581";

    /// <summary>Whether the mark stands behind another character.</summary>
    /// <param name="token">UTF-8.</param>
    public static bool StandsInside(ReadOnlySpan<byte> token)
    {
        var mark = "\u2581"u8;
        if (token.LastIndexOf(mark) <= 0) return false;
        while (token.StartsWith(mark)) token = token[mark.Length..];
        return token.IndexOf(mark) >= 0;
    }
}
