namespace DftNative.Tokenizers;

/// <summary>
/// The pattern of Qwen2, Qwen3 and Llama 3, which descends from tiktoken's cl100k_base; they differ in how many digits
/// make a word.
/// </summary>
/// <param name="maxDigits">The most numbers in a word: 1 for Qwen, 3 for Llama 3.</param>
internal sealed class ContractionWordSplitter(int maxDigits) : Splitter
{
    /// <summary>Qwen2's and Qwen3's pattern: one digit a word.</summary>
    public const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's pattern: up to three digits a word.</summary>
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public override int FindEnd(ReadOnlySpan<char> text, int start)
    {
        var first = text[start];
        if (first == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var contraction) return start + 1 + contraction;
        var kind = CodePoints.ClassAt(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case CodePointClass.Letter:
                return CodePoints.SkipRun(text, next, CodePointClass.Letter);
            case CodePointClass.Number:
                return CodePoints.SkipRun(text, next, CodePointClass.Number, maxDigits - 1);
        }

        // [^\r\n\p{L}\p{N}]?\p{L}+ with its prefix, then ' ?' before a run of punctuation.
        var following = next < text.Length ? CodePoints.ClassAt(text, next, out _) : CodePointClass.WhiteSpace;
        if (following == CodePointClass.Letter && first is not ('\r' or '\n')) return CodePoints.SkipRun(text, next, CodePointClass.Letter);
        if (kind == CodePointClass.Other || (first == ' ' && following == CodePointClass.Other)) return SkipLineBreaks(text, CodePoints.SkipRun(text, next, CodePointClass.Other));
        var runEnd = CodePoints.SkipRun(text, start, CodePointClass.WhiteSpace);
        var lastBreak = text[start..runEnd].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : TrimLastSpace(text, start, runEnd);
    }

    private static int SkipLineBreaks(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length && text[start] is '\r' or '\n') start++;
        return start;
    }

    /// <summary>Case is folded as Unicode does: the long s is an s.</summary>
    private static int ContractionLength(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 'S' or 'ſ' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] => 2,
        ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };
}
