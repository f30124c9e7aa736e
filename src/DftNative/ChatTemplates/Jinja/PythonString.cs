using System.Globalization;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's view of a text: code points, not UTF-16 units, and Python's own white space.</summary>
internal static class PythonString
{
    /// <summary>The number of code points.</summary>
    public static int Length(string text)
    {
        var count = text.Length;
        foreach (var unit in text)
            if (char.IsLowSurrogate(unit)) count--;
        return count;
    }

    /// <summary>Each code point as a text.</summary>
    public static IReadOnlyList<object> CodePoints(string text)
    {
        var points = new List<object>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var size = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            points.Add(text.Substring(i, size));
            i += size;
        }

        return points;
    }

    /// <summary>The UTF-16 place of a code point; the text's length where it has fewer.</summary>
    public static int UnitIndex(string text, int codePoint)
    {
        var i = 0;
        for (; codePoint > 0 && i < text.Length; codePoint--) i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
        return i;
    }

    /// <summary>How many code points lie before a UTF-16 place.</summary>
    public static int CodePointIndex(string text, int unit) => Length(text[..unit]);

    /// <summary>Whether Python's <c>str.isspace</c> holds for it: four controls more than .NET's.</summary>
    public static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001C' and <= '\u001F';

    /// <summary>Takes white space, or any of <paramref name="characters"/>, off the ends.</summary>
    public static string Strip(string text, string? characters, bool left = true, bool right = true)
    {
        var runes = characters?.EnumerateRunes().ToHashSet();
        var (start, end) = (0, text.Length);
        while (left && start < end && Matches(start, forward: true, out var size)) start += size;
        while (right && end > start && Matches(end, forward: false, out var size)) end -= size;
        return text[start..end];

        bool Matches(int place, bool forward, out int size)
        {
            var status = forward ? Rune.DecodeFromUtf16(text.AsSpan(place, end - place), out var rune, out size) : Rune.DecodeLastFromUtf16(text.AsSpan(start, place - start), out rune, out size);
            if (status != System.Buffers.OperationStatus.Done) return false;
            return runes?.Contains(rune) ?? (rune.IsBmp && IsSpace((char)rune.Value));
        }
    }

    /// <summary>Python's <c>str.split</c>; without a separator at runs of white space.</summary>
    /// <param name="text">The text.</param>
    /// <param name="separator">Not empty; null: white space.</param>
    /// <param name="limit">The most cuts; negative: no limit.</param>
    public static List<object> Split(string text, string? separator, int limit)
    {
        var parts = new List<object>();
        var start = 0;
        if (separator is not null)
        {
            if (separator.Length == 0) throw new JinjaValueException("empty separator");
            for (int found; limit != 0 && (found = text.IndexOf(separator, start, StringComparison.Ordinal)) >= 0; limit--)
            {
                parts.Add(text[start..found]);
                start = found + separator.Length;
            }

            parts.Add(text[start..]);
            return parts;
        }

        while (true)
        {
            while (start < text.Length && IsSpace(text[start])) start++;
            if (start == text.Length) return parts;
            if (limit-- == 0)
            {
                parts.Add(Strip(text[start..], null, left: false));
                return parts;
            }

            var end = start;
            while (end < text.Length && !IsSpace(text[end])) end++;
            parts.Add(text[start..end]);
            start = end;
        }
    }

    /// <summary>Python's <c>str.rsplit</c>.</summary>
    public static List<object> SplitRight(string text, string? separator, int limit)
    {
        if (limit < 0) return Split(text, separator, limit);
        var parts = new List<object>();
        var end = text.Length;
        if (separator is not null)
        {
            if (separator.Length == 0) throw new JinjaValueException("empty separator");
            for (int found; limit > 0 && end >= separator.Length && (found = text.LastIndexOf(separator, end - 1, end, StringComparison.Ordinal)) >= 0; limit--)
            {
                parts.Insert(0, text[(found + separator.Length)..end]);
                end = found;
            }

            parts.Insert(0, text[..end]);
            return parts;
        }

        while (true)
        {
            while (end > 0 && IsSpace(text[end - 1])) end--;
            if (end == 0) return parts;
            if (limit-- == 0)
            {
                parts.Insert(0, Strip(text[..end], null, right: false));
                return parts;
            }

            var start = end;
            while (start > 0 && !IsSpace(text[start - 1])) start--;
            parts.Insert(0, text[start..end]);
            end = start;
        }
    }

    /// <summary>Python's <c>str.splitlines</c>.</summary>
    public static List<object> SplitLines(string text, bool keepEnds)
    {
        var lines = new List<object>();
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && !IsLineEnd(text[end])) end++;
            var next = end < text.Length ? end + 1 : end;
            if (end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n') next++;
            lines.Add(text[start..(keepEnds ? next : end)]);
            start = next;
        }

        return lines;
    }

    /// <summary>Python's <c>str.replace</c>.</summary>
    public static string Replace(string text, string old, string replacement, int limit)
    {
        if (old == replacement || limit == 0) return text;
        if (old.Length == 0) return Interleave(text, replacement, limit);
        var count = Count(text, old);
        if (limit >= 0) count = Math.Min(count, limit);
        if (count == 0) return text;
        var builder = new StringBuilder(JinjaLimits.CheckTextLength(text.Length + ((long)replacement.Length - old.Length) * count));
        var start = 0;
        for (; count > 0; count--)
        {
            var found = text.IndexOf(old, start, StringComparison.Ordinal);
            builder.Append(text, start, found - start).Append(replacement);
            start = found + old.Length;
        }

        return builder.Append(text, start, text.Length - start).ToString();
    }

    /// <summary>How often <paramref name="part"/> occurs without overlap.</summary>
    public static int Count(string text, string part)
    {
        if (part.Length == 0) return Length(text) + 1;
        var count = 0;
        for (var found = -part.Length; (found = text.IndexOf(part, found + part.Length, StringComparison.Ordinal)) >= 0;) count++;
        return count;
    }

    /// <summary>Python's <c>str.capitalize</c>.</summary>
    public static string Capitalize(string text)
    {
        var first = UnitIndex(text, 1);
        return TitleCase(text[..first]) + PythonCase.Lower(text[first..]);
    }

    /// <summary>Python's <c>str.title</c>: a letter begins a word unless it follows one.</summary>
    public static string Title(string text)
    {
        var builder = new StringBuilder(text.Length);
        var isInWord = false;
        foreach (var rune in text.EnumerateRunes())
        {
            builder.Append(isInWord ? PythonCase.Lower(rune.ToString()) : TitleCase(rune.ToString()));
            isInWord = PythonCase.IsCased(rune);
        }

        return builder.ToString();
    }

    /// <summary>Whether Python's repr shows the code point as it is.</summary>
    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static string TitleCase(string character) => PythonCase.Title(character);

    private static bool IsLineEnd(char unit) => unit is '\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029';

    private static string Interleave(string text, string replacement, int limit)
    {
        var points = CodePoints(text);
        var count = limit < 0 ? points.Count + 1 : Math.Min(limit, points.Count + 1);
        var builder = new StringBuilder(JinjaLimits.CheckTextLength(text.Length + (long)replacement.Length * count));
        for (var i = 0; i < points.Count; i++)
        {
            if (i < count) builder.Append(replacement);
            builder.Append((string)points[i]);
        }

        if (count > points.Count) builder.Append(replacement);
        return builder.ToString();
    }
}
