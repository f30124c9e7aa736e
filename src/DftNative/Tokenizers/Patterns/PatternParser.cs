using System.Globalization;

namespace DftNative.Tokenizers;

/// <summary>Parses the part of Oniguruma's syntax (its default one, Ruby's kin) that tokenizers use.</summary>
/// <param name="source">The pattern.</param>
internal sealed class PatternParser(string source)
{
    private const int MaxDepth = 100;

    private int position;
    private int depth;
    private bool ignoresCase;

    /// <summary>The pattern's tree.</summary>
    /// <exception cref="FormatException">It is malformed or uses what is not supported.</exception>
    public PatternNode Parse()
    {
        var node = ParseAlternation();
        return position == source.Length ? node : throw Error("')' without '('");
    }

    private FormatException Error(string what) => new(string.Create(CultureInfo.InvariantCulture, $"{what} at position {position}"));

    private bool TryTake(string text)
    {
        if (string.CompareOrdinal(source, position, text, 0, text.Length) != 0) return false;
        position += text.Length;
        return true;
    }

    private PatternNode ParseAlternation()
    {
        if (++depth > MaxDepth) throw Error("groups nested too deeply");
        var wasIgnoringCase = ignoresCase;
        var parts = new List<PatternNode>();
        do parts.Add(ParseSequence());
        while (TryTake("|"));
        ignoresCase = wasIgnoringCase;
        depth--;
        return parts.Count == 1 ? parts[0] : new AlternationNode(parts);
    }

    private SequenceNode ParseSequence()
    {
        var parts = new List<PatternNode>();
        while (position < source.Length && source[position] is not ('|' or ')'))
        {
            if (TryTake("(?i)"))
                ignoresCase = true;
            else if (TryTake("(?-i)"))
                ignoresCase = false;
            else
                parts.Add(ParseRepeats(ParseAtom()));
        }

        return new SequenceNode(parts);
    }

    private PatternNode ParseRepeats(PatternNode node)
    {
        while (position < source.Length)
        {
            var (least, most) = (0, int.MaxValue);
            var isInterval = false;
            switch (source[position])
            {
                case '*':
                    break;
                case '+':
                    least = 1;
                    break;
                case '?':
                    most = 1;
                    break;
                case '{' when TryReadInterval(out least, out most):
                    isInterval = true;
                    break;
                default:
                    return node;
            }

            if (!isInterval) position++;
            var kind = TryTake("?") ? PatternOperation.Lazy : !isInterval && TryTake("+") ? PatternOperation.Possessive : PatternOperation.Greedy;
            if (isInterval && kind == PatternOperation.Lazy && least == most) throw Error("'{n}?' is not supported");
            if (node is PlaceNode or LookNode { Operation: not PatternOperation.Atomic }) throw Error("a repeated look-around is not supported");
            node = new RepeatNode(node, least, most, kind);
        }

        return node;
    }

    /// <summary>{n}, {n,}, {,m} or {n,m}; anything else is text.</summary>
    private bool TryReadInterval(out int least, out int most)
    {
        (least, most) = (0, int.MaxValue);
        var end = source.IndexOf('}', position);
        if (end < 0) return false;
        var bounds = source[(position + 1)..end].Split(',');
        if (bounds.Length > 2 || bounds.All(bound => bound.Length == 0)) return false;
        if (bounds[0].Length > 0 && !TryReadCount(bounds[0], out least)) return false;
        if (bounds.Length == 1)
            most = least;
        else if (bounds[1].Length > 0 && !TryReadCount(bounds[1], out most)) return false;
        if (most < least) throw Error("a repeat whose bounds are the wrong way round");
        position = end + 1;
        return true;
    }

    private static bool TryReadCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= 1000;

    private PatternNode ParseAtom()
    {
        switch (source[position])
        {
            case '(':
                position++;
                return ParseGroup();
            case '[':
                position++;
                return Set(new CodePointSetParser(source, ignoresCase).ParseClass(ref position));
            case '.':
                position++;
                return Set(code => code != '\n');
            case '^':
                position++;
                return new PlaceNode(PatternOperation.LineStart);
            case '$':
                position++;
                return new PlaceNode(PatternOperation.LineEnd);
            case '*' or '+' or '?':
                throw Error("a repeat of nothing");
            case '\\' when FindPlace() is { } place:
                position += 2;
                return new PlaceNode(place);
            default:
                return Set(new CodePointSetParser(source, ignoresCase).ParseItem(ref position));
        }
    }

    private static SetNode Set(Func<int, bool> rule) => new(new CodePointSet(rule));

    private PatternOperation? FindPlace() => (position + 1 < source.Length ? source[position + 1] : '\0') switch
    {
        'A' => PatternOperation.TextStart,
        'z' => PatternOperation.TextEnd,
        'b' => PatternOperation.WordBoundary,
        'B' => PatternOperation.NotWordBoundary,
        _ => null,
    };

    private PatternNode ParseGroup()
    {
        PatternOperation? operation = null;
        var wasIgnoringCase = ignoresCase;
        if (TryTake("?i:"))
            ignoresCase = true;
        else if (TryTake("?-i:"))
            ignoresCase = false;
        else if (TryTake("?="))
            operation = PatternOperation.LookAhead;
        else if (TryTake("?!"))
            operation = PatternOperation.NotAhead;
        else if (TryTake("?<="))
            operation = PatternOperation.LookBehind;
        else if (TryTake("?<!"))
            operation = PatternOperation.NotBehind;
        else if (TryTake("?>"))
            operation = PatternOperation.Atomic;
        else if (!TryTake("?:") && position < source.Length && source[position] == '?')
            throw Error("a group of this kind is not supported");
        var node = ParseAlternation();
        if (!TryTake(")")) throw Error("'(' without ')'");
        ignoresCase = wasIgnoringCase;
        return operation is { } look ? new LookNode(node, look) : node;
    }
}
