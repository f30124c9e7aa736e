namespace DftNative.Evaluation.Grading;

/// <summary>Finds numbers, formulas and sentences in prose.</summary>
internal static class AnswerSpans
{
    /// <summary>What is said from a place to the end of its sentence or line, without what leads to it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="maxLength">Most characters.</param>
    public static string Sentence(string text, int start, int maxLength)
    {
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || text[start] is ':' or '：' or '*' or '=' or '-' && !IsMinus(text, start))) start++;
        foreach (var filler in (ReadOnlySpan<string>)["is", "that", "therefore", "thus"])
            if (string.CompareOrdinal(text, start, filler + " ", 0, filler.Length + 1) == 0) start += filler.Length + 1;
        while (start < text.Length && (char.IsWhiteSpace(text[start]) || text[start] is ':' or '*')) start++;
        var end = start;
        var isFormula = false;
        for (; end < text.Length && end - start < maxLength; end++)
        {
            if (text[end] == '\\')
            {
                if (end + 1 < text.Length && text[end + 1] is '(' or '[' or ')' or ']') isFormula = text[end + 1] is '(' or '[';
                end++;
            }
            else if (text[end] == '$')
            {
                isFormula = !isFormula;
                if (end + 1 < text.Length && text[end + 1] == '$') end++;
            }
            else if (!isFormula && (text[end] == '\n' || EndsSentence(text, end)))
            {
                break;
            }
        }

        return text[start..Math.Min(end, text.Length)].Trim().TrimEnd('*');
    }

    /// <summary>The content of the last formula that is closed.</summary>
    public static (int Start, int End)? LastFormula(string text)
    {
        (int Start, int End)? last = null;
        foreach (var formula in Formulas(text)) last = formula;
        return last;
    }

    /// <summary>The content of the first formula that is closed.</summary>
    public static (int Start, int End)? FirstFormula(string text)
    {
        foreach (var formula in Formulas(text)) return formula;
        return null;
    }

    /// <summary>Whether words other than <c>and</c> and <c>or</c> stand between formulas in dollar signs.</summary>
    public static bool HasProseBesideFormulas(string text)
    {
        var parts = text.Replace("\\$", "", StringComparison.Ordinal).Split('$');
        if (parts.Length < 3) return false;
        for (var i = 0; i < parts.Length; i += 2)
            if (parts[i].Trim(' ', ',', ';', '.') is not ("and" or "or") && parts[i].Any(char.IsLetter)) return true;
        return false;
    }

    /// <summary>The last number, with its sign, separators, currency and percent sign.</summary>
    public static (int Start, int End)? LastNumber(string text)
    {
        for (var end = text.Length - 1; end >= 0; end--)
        {
            if (!char.IsAsciiDigit(text[end])) continue;
            var start = end;
            while (start > 0 && IsInNumber(text, start - 1)) start--;
            return Widen(text, start, end + 1);
        }

        return null;
    }

    /// <summary>The first number, as <see cref="LastNumber"/>.</summary>
    public static (int Start, int End)? FirstNumber(string text)
    {
        var start = text.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0) return null;
        var end = start + 1;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || (IsInNumber(text, end) && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1])))) end++;
        return Widen(text, start, end);
    }

    private static bool IsInNumber(string text, int index) =>
        char.IsAsciiDigit(text[index])
        || (text[index] is '.' or ',' or '/' && index + 1 < text.Length && char.IsAsciiDigit(text[index + 1]) && index > 0 && char.IsAsciiDigit(text[index - 1]));

    private static (int Start, int End) Widen(string text, int start, int end)
    {
        if (start > 0 && text[start - 1] == '.' && (start == 1 || !char.IsAsciiDigit(text[start - 2]))) start--;
        if (start > 0 && text[start - 1] == '$') start--;
        if (start > 0 && text[start - 1] is '-' or '−' && (start == 1 || !char.IsLetterOrDigit(text[start - 2]))) start--;
        if (end < text.Length && text[end] == '%') end++;
        return (start, end);
    }

    private static bool IsMinus(string text, int index) => text[index] == '-' && index + 1 < text.Length && !char.IsWhiteSpace(text[index + 1]);

    private static bool EndsSentence(string text, int index)
    {
        if (text[index] == '<' && index + 1 < text.Length && text[index + 1] is '|' or '/') return true;
        if (text[index] == '。') return true;
        if (text[index] is not ('.' or '!' or '?')) return false;
        if (index + 1 == text.Length) return true;
        return char.IsWhiteSpace(text[index + 1]) && (text[index] != '!' || index == 0 || !char.IsLetterOrDigit(text[index - 1]) || index + 2 >= text.Length || char.IsAsciiLetterUpper(text[index + 2]));
    }

    private static IEnumerable<(int Start, int End)> Formulas(string text)
    {
        // An end that was looked for in vain is not looked for again: time stays linear.
        var missing = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            var close = CloseOf(text, i);
            if (close is null || missing.Contains(close))
            {
                if (text[i] == '\\') i++;
                continue;
            }

            var start = i + close.Length;
            var end = text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0)
            {
                missing.Add(close);
                i = start - 1;
                continue;
            }

            if (end > start) yield return (start, end);
            i = end + close.Length - 1;
        }
    }

    // What closes the formula that opens here.
    private static string? CloseOf(string text, int index)
    {
        var next = index + 1 < text.Length ? text[index + 1] : '\0';
        return (text[index], next) switch
        {
            ('$', '$') => "$$",
            ('$', _) => "$",
            ('\\', '(') => "\\)",
            ('\\', '[') => "\\]",
            _ => null,
        };
    }
}
