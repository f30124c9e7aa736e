namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Tells thousands separators from separators of items.</summary>
internal static class DigitGroups
{
    private const int GroupLength = 3;

    /// <summary>What commas between digits are: separators of thousands if every one of them can be one.</summary>
    public static DigitGrouping Classify(string text)
    {
        if (!text.Contains(',', StringComparison.Ordinal)) return DigitGrouping.None;
        var count = 0;
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is '(' or '[') depth++;
            else if (text[i] is ')' or ']') depth--;
            else if (!char.IsAsciiDigit(text[i])) continue;
            if (depth > 0 || !char.IsAsciiDigit(text[i])) continue;
            var length = RunLength(text, i);
            var run = text.AsSpan(i, length);
            i += length - 1;
            if (!run.Contains(',')) continue;
            if (!IsGrouped(run)) return DigitGrouping.None;
            count++;

            // 1,000 is no list: no item begins with 0.
            if (length == text.Length && !run.Contains(",0", StringComparison.Ordinal)) return DigitGrouping.WholeAnswer;
        }

        return count > 0 ? DigitGrouping.Numbers : DigitGrouping.None;
    }

    // Digits, points, and commas that a digit follows.
    private static int RunLength(string text, int start)
    {
        var end = start;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.' || (text[end] == ',' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1])))) end++;
        return end - start;
    }

    // 1 to 3 digits, then groups of 3, then perhaps a fraction.
    private static bool IsGrouped(ReadOnlySpan<char> run)
    {
        var point = run.IndexOf('.');
        var integer = point < 0 ? run : run[..point];
        if (point >= 0 && run[point..].Contains(',')) return false;
        var first = integer.IndexOf(',');
        if (first is < 1 or > GroupLength || integer[0] == '0') return false;
        for (var i = first; i < integer.Length; i += GroupLength + 1)
        {
            if (integer[i] != ',' || integer.Length - i <= GroupLength) return false;
            if (integer.Slice(i + 1, GroupLength).Contains(',')) return false;
        }

        return (integer.Length - first) % (GroupLength + 1) == 0;
    }
}
