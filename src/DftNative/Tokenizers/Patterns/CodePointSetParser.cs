using System.Globalization;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Parses what stands for one code point in a pattern: characters, escapes, properties and classes.</summary>
/// <param name="source">The pattern.</param>
/// <param name="ignoresCase">Whether letters stand for both cases.</param>
internal sealed class CodePointSetParser(string source, bool ignoresCase)
{
    private const int MaxDepth = 100;

    private int depth;

    /// <summary>Parses a character or an escape outside a class.</summary>
    /// <param name="position">Its first char; moves behind it.</param>
    public Func<int, bool> ParseItem(ref int position)
    {
        var (rule, code) = ParseOne(ref position);
        return code < 0 ? rule! : Fold(other => other == code);
    }

    /// <summary>Parses a class.</summary>
    /// <param name="position">Behind its <c>[</c>; moves behind its <c>]</c>.</param>
    public Func<int, bool> ParseClass(ref int position)
    {
        if (++depth > MaxDepth) throw Error(position, "classes nested too deeply");
        var isNegated = Is(position, "^");
        if (isNegated) position++;
        var both = new List<Func<int, bool>>();
        var any = new List<Func<int, bool>>();
        for (var isFirst = true; isFirst || !Is(position, "]"); isFirst = false)
        {
            if (position >= source.Length) throw Error(position, "'[' without ']'");
            if (Is(position, "&&"))
            {
                position += 2;
                both.Add(AnyOf(any));
                any = [];
            }
            else if (Is(position, "[:"))
            {
                any.Add(ParsePosix(ref position));
            }
            else if (Is(position, "["))
            {
                position++;
                any.Add(ParseClass(ref position));
            }
            else
            {
                any.Add(ParseRange(ref position));
            }
        }

        position++;
        depth--;
        both.Add(AnyOf(any));
        var all = both.ToArray();
        return isNegated ? code => !all.All(rule => rule(code)) : code => all.All(rule => rule(code));
    }

    private static FormatException Error(int position, string what) => new(string.Create(CultureInfo.InvariantCulture, $"{what} at position {position}"));

    private static Func<int, bool> AnyOf(List<Func<int, bool>> rules)
    {
        var any = rules.ToArray();
        return any.Length == 1 ? any[0] : code => any.Any(rule => rule(code));
    }

    private bool Is(int position, string text) => string.CompareOrdinal(source, position, text, 0, text.Length) == 0;

    private Func<int, bool> Fold(Func<int, bool> rule) => ignoresCase ? code => CaseFolding.VariantsOf(code).Any(rule) : rule;

    private Func<int, bool> ParseRange(ref int position)
    {
        var (rule, first) = ParseOne(ref position);
        if (first < 0) return rule!;
        if (!Is(position, "-") || Is(position, "-]")) return Fold(code => code == first);
        position++;
        if (Is(position, "[")) throw Error(position, "a range that ends with a class");
        var (_, last) = ParseOne(ref position);
        if (last < first) throw Error(position, "a range that does not ascend");
        return Fold(code => code >= first && code <= last);
    }

    private Func<int, bool> ParsePosix(ref int position)
    {
        var end = source.IndexOf(":]", position, StringComparison.Ordinal);
        if (end < 0) throw Error(position, "'[:' without ':]'");
        var name = source[(position + 2)..end];
        var isNegated = name.StartsWith('^');
        var rule = CodePointProperties.Find(isNegated ? name[1..] : name) ?? throw Error(position, $"the class [:{name}:] is not supported");
        position = end + 2;
        return isNegated ? code => !rule(code) : rule;
    }

    /// <summary>Either a rule, or a code point of at least 0.</summary>
    private (Func<int, bool>? Rule, int Code) ParseOne(ref int position)
    {
        if (source[position] != '\\')
        {
            Rune.DecodeFromUtf16(source.AsSpan(position), out var rune, out var length);
            position += length;
            return (null, rune.Value);
        }

        if (position + 1 == source.Length) throw Error(position, "a lone backslash");
        var escape = source[position + 1];
        position += 2;
        switch (escape)
        {
            case 'n': return (null, '\n');
            case 'r': return (null, '\r');
            case 't': return (null, '\t');
            case 'f': return (null, '\f');
            case 'v': return (null, '\v');
            case 'a': return (null, '\a');
            case 'e': return (null, 0x1B);
            case 'x': return (null, ParseHexadecimal(ref position, 2));
            case 'u': return (null, ParseHexadecimal(ref position, 4));
            case 's': return (CodePoints.IsWhiteSpace, -1);
            case 'S': return (code => !CodePoints.IsWhiteSpace(code), -1);
            case 'w': return (CodePoints.IsWord, -1);
            case 'W': return (code => !CodePoints.IsWord(code), -1);
            case 'd': return (CodePointProperties.Find("Nd"), -1);
            case 'D': return (Not(CodePointProperties.Find("Nd")!), -1);
            case 'h': return (IsHexadecimal, -1);
            case 'H': return (Not(IsHexadecimal), -1);
            case 'p' or 'P': return (ParseProperty(ref position, escape == 'P'), -1);
            default:
                if (char.IsAsciiLetterOrDigit(escape)) throw Error(position - 2, $"the escape '\\{escape}' is not supported");
                position--;
                Rune.DecodeFromUtf16(source.AsSpan(position), out var rune, out var length);
                position += length;
                return (null, rune.Value);
        }
    }

    private static bool IsHexadecimal(int code) => code < 128 && char.IsAsciiHexDigit((char)code);

    private static Func<int, bool> Not(Func<int, bool> rule) => code => !rule(code);

    private int ParseHexadecimal(ref int position, int maxDigits)
    {
        var start = position;
        var isBraced = Is(position, "{");
        if (isBraced) (start, maxDigits) = (position + 1, 8);
        var end = start;
        while (end < source.Length && end - start < maxDigits && char.IsAsciiHexDigit(source[end])) end++;
        if (end == start || (isBraced && !Is(end, "}"))) throw Error(position, "a malformed hexadecimal escape");
        var code = int.Parse(source.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        position = isBraced ? end + 1 : end;
        return code is >= 0 and <= 0x10FFFF ? code : throw Error(position, "a code point beyond U+10FFFF");
    }

    private Func<int, bool> ParseProperty(ref int position, bool isNegated)
    {
        var end = Is(position, "{") ? source.IndexOf('}', position) : -1;
        if (end < 0) throw Error(position, "a malformed property");
        var name = source[(position + 1)..end];
        if (name.StartsWith('^')) (name, isNegated) = (name[1..], !isNegated);
        var rule = CodePointProperties.Find(name) ?? throw Error(position, $"the property \\p{{{name}}} is not supported");
        position = end + 1;
        return isNegated ? Not(rule) : rule;
    }
}
