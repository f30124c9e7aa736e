using System.Buffers;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Finds added tokens in a text: leftmost first, the longest where several begin at one place.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Unit), int> edges = [];
    private readonly List<AddedToken?> tokens = [null];
    private readonly SearchValues<char> firstUnits;

    /// <summary>Builds the trie.</summary>
    /// <param name="patterns">The strings to look for and what each stands for; empty strings are never found.</param>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> patterns)
    {
        var first = new HashSet<char>();
        foreach (var (pattern, token) in patterns)
        {
            if (pattern.Length == 0) continue;
            first.Add(pattern[0]);
            var node = 0;
            foreach (var unit in pattern)
            {
                if (!edges.TryGetValue((node, unit), out var next))
                {
                    next = tokens.Count;
                    edges.Add((node, unit), next);
                    tokens.Add(null);
                }

                node = next;
            }

            tokens[node] = token;
        }

        firstUnits = SearchValues.Create([.. first]);
    }

    /// <summary>The whole of <paramref name="text"/> as segments, in order; the same cuts as Hugging Face's AddedVocabulary.</summary>
    public List<TextSegment> Split(string text)
    {
        var segments = new List<TextSegment>();
        var covered = 0;
        var position = 0;
        while (FindNext(text, position) is var (start, end, token))
        {
            position = end;
            if (token.IsSingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end)))) continue;
            if (token.StripsLeft) start = Math.Max(text.AsSpan(0, start).TrimEnd().Length, covered);
            if (token.StripsRight) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (covered < start) segments.Add(new TextSegment(covered, start, null));
            segments.Add(new TextSegment(start, end, token.Id));
            covered = end;
        }

        if (covered < text.Length) segments.Add(new TextSegment(covered, text.Length, null));
        return segments;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && CodePoints.IsWord(rune.Value);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && CodePoints.IsWord(rune.Value);

    private (int Start, int End, AddedToken Token)? FindNext(string text, int position)
    {
        while (true)
        {
            var skipped = text.AsSpan(position).IndexOfAny(firstUnits);
            if (skipped < 0) return null;
            position += skipped;
            AddedToken? longest = null;
            var longestEnd = 0;
            var node = 0;
            for (var i = position; i < text.Length && edges.TryGetValue((node, text[i]), out node); i++)
                if (tokens[node] is { } token) (longest, longestEnd) = (token, i + 1);
            if (longest is not null) return (position, longestEnd, longest);
            position++;
        }
    }
}
