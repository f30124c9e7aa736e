namespace DftNative.Tokenizers;

/// <summary>GPT-2's pattern (Radford et al. 2019), which ByteLevel applies with <c>use_regex</c>.</summary>
internal sealed class Gpt2Splitter : Splitter
{
    /// <summary>The pattern that this class matches by hand.</summary>
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override int FindEnd(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var length) return start + 1 + length;
        var runStart = text[start] == ' ' && start + 1 < text.Length ? start + 1 : start;
        var kind = CodePoints.ClassAt(text, runStart, out _);
        return kind == CodePointClass.WhiteSpace
            ? TrimLastSpace(text, start, CodePoints.SkipRun(text, start, CodePointClass.WhiteSpace))
            : CodePoints.SkipRun(text, runStart, kind);
    }

    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] => 2,
        ['l', 'l', ..] => 2,
        _ => 0,
    };
}
