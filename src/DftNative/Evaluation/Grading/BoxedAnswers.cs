namespace DftNative.Evaluation.Grading;

/// <summary>Finds <c>\boxed{}</c>, <c>\fbox{}</c> and <c>\framebox{}</c> in one pass; braces may be nested, and what is never closed is passed over.</summary>
internal static class BoxedAnswers
{
    private static readonly char[] Letters = [.. "abcdefghijklmnopqrstuvwxyz"];
    private static readonly string[] Commands = ["\\boxed", "\\fbox", "\\framebox"];

    /// <summary>The content of the last box, or of the last boxes joined by <c>and</c>, <c>or</c> or a comma.</summary>
    /// <returns>Null if there is none.</returns>
    public static string? FindLast(string text)
    {
        var open = new Stack<(int Start, int Content)>();
        var last = new List<Box>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                var start = BoxStart(text, i);
                if (start < 0)
                {
                    i++;
                }
                else if (start < text.Length && text[start] == '{')
                {
                    open.Push((i, start + 1));
                    i = start;
                }
                else
                {
                    var end = start;
                    while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('$' or ',' or '{' or '}' or '\\')) end++;
                    if (end > start) Add(text, last, new Box(i, start, end, end));
                    i = Math.Max(end, start) - 1;
                }
            }
            else if (text[i] == '{')
            {
                open.Push((-1, -1));
            }
            else if (text[i] == '}' && open.TryPop(out var box) && box.Start >= 0)
            {
                Add(text, last, new Box(box.Start, box.Content, i, i + 1));
            }
        }

        return last.Count == 0 ? null : string.Join(", ", last.Select(box => text[box.Content..box.ContentEnd]).Distinct());
    }

    /// <summary>What stands in the last box that is never closed, to the end of its formula or line, with the braces that are missing.</summary>
    /// <returns>Null if there is none.</returns>
    public static string? FindUnclosed(string text)
    {
        const string Open = "\\boxed{";
        const int MaxContent = 500;
        var start = text.LastIndexOf(Open, StringComparison.Ordinal);
        if (start < 0) return null;
        var content = text.AsSpan(start + Open.Length);
        var end = content.IndexOfAny('\n', '$');
        if (end >= 0) content = content[..end];
        if (content.IsWhiteSpace() || content.Length > MaxContent) return null;
        var depth = 0;
        for (var i = 0; i < content.Length && depth >= 0; i++)
        {
            if (content[i] == '\\') i++;
            else if (content[i] is '{' or '}') depth += content[i] == '{' ? 1 : -1;
        }

        return depth < 0 ? null : content.ToString() + new string('}', depth);
    }

    // Boxes inside of a box are part of its content.
    private static void Add(string text, List<Box> last, Box box)
    {
        if (last.Count > 0 && text.AsSpan(box.Content, box.ContentEnd - box.Content).IsWhiteSpace()) return;
        while (last.Count > 0 && last[^1].Start > box.Start) last.RemoveAt(last.Count - 1);
        if (last.Count > 0 && !IsConjunction(text, last[^1].End, box.Start)) last.Clear();
        last.Add(box);
    }

    // Where the content's brace, or what stands for it, begins; -1 if there is no box.
    private static int BoxStart(string text, int index)
    {
        foreach (var command in Commands)
        {
            if (string.CompareOrdinal(text, index, command, 0, command.Length) != 0) continue;
            var start = index + command.Length;
            if (start < text.Length && char.IsAsciiLetter(text[start])) return -1;
            while (start < text.Length && char.IsWhiteSpace(text[start])) start++;
            return start;
        }

        return -1;
    }

    private static bool IsConjunction(string text, int start, int end)
    {
        const int MaxLength = 30;
        if (end - start > MaxLength) return false;
        var between = text[start..end].Replace("$", "", StringComparison.Ordinal).Replace("\\text", "", StringComparison.Ordinal)
            .Replace("\\quad", "", StringComparison.Ordinal).Trim(' ', '\n', '\r', '\t', '{', '}', '\\');
        if (between.EndsWith('=')) between = between[..^1].TrimEnd().TrimEnd(Letters).TrimEnd();
        return between is "," or "and" or "or" or ", and" or ", or" or ";" or ",and" or ",or";
    }

    private readonly record struct Box(int Start, int Content, int ContentEnd, int End);
}
