namespace DftNative.Tokenizers;

/// <summary>The pre-tokeniser <c>Split</c> with any pattern and behaviour.</summary>
/// <param name="pattern">What is looked for.</param>
/// <param name="behavior">What becomes of it.</param>
/// <param name="inverts">Whether the text between matches is taken for the matches.</param>
internal sealed class PatternStage(TextPattern pattern, SplitBehavior behavior, bool inverts) : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        if (behavior is SplitBehavior.Isolated or SplitBehavior.Removed)
        {
            var position = 0;
            while (pattern.TryFind(text, position, out var start, out var end))
            {
                Emit(text[position..start], position, isMatch: false, sink);
                Emit(text[start..end], start, isMatch: true, sink);
                position = end;
            }

            Emit(text[position..], position, isMatch: false, sink);
            return;
        }

        var parts = FindParts(text);
        if (behavior == SplitBehavior.MergedWithNext)
            MergeFromTheEnd(parts);
        else
            MergeFromTheStart(parts);
        foreach (var (start, end, _) in parts) sink.Emit(text[start..end], start);
    }

    private void Emit(ReadOnlySpan<char> text, int start, bool isMatch, PieceSink sink)
    {
        if (behavior == SplitBehavior.Isolated || isMatch == inverts) sink.Emit(text, start);
    }

    private List<(int Start, int End, bool IsMatch)> FindParts(ReadOnlySpan<char> text)
    {
        var parts = new List<(int, int, bool)>();
        var position = 0;
        while (pattern.TryFind(text, position, out var start, out var end))
        {
            if (position < start) parts.Add((position, start, inverts));
            parts.Add((start, end, !inverts));
            position = end;
        }

        if (position < text.Length) parts.Add((position, text.Length, inverts));
        return parts;
    }

    private void MergeFromTheStart(List<(int Start, int End, bool IsMatch)> parts)
    {
        var count = 0;
        var isAfterMatch = false;
        foreach (var part in parts.ToArray())
        {
            var joins = behavior == SplitBehavior.Contiguous ? part.IsMatch == isAfterMatch : part.IsMatch && !isAfterMatch;
            if (joins && count > 0)
                parts[count - 1] = parts[count - 1] with { End = part.End };
            else
                parts[count++] = part;
            isAfterMatch = part.IsMatch;
        }

        parts.RemoveRange(count, parts.Count - count);
    }

    private static void MergeFromTheEnd(List<(int Start, int End, bool IsMatch)> parts)
    {
        var first = parts.Count;
        var isBeforeMatch = false;
        for (var i = parts.Count - 1; i >= 0; i--)
        {
            var part = parts[i];
            if (part.IsMatch && !isBeforeMatch && first < parts.Count)
                parts[first] = parts[first] with { Start = part.Start };
            else
                parts[--first] = part;
            isBeforeMatch = part.IsMatch;
        }

        parts.RemoveRange(0, first);
    }
}
