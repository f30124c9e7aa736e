namespace DftNative.ChatTemplates.Jinja;

/// <summary>
/// Cuts a template into tokens as Jinja2 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which is how transformers
/// sets it up: a tag that is no output takes the white space before it on its line and one line break after it.
/// </summary>
internal sealed class JinjaLexer
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];

    private readonly string source;
    private readonly List<JinjaToken> tokens = [];
    private int place;
    private bool isLineStart = true;

    private JinjaLexer(string source) => this.source = source;

    /// <summary>The tokens of a template whose line breaks are <c>\n</c>, with an end token.</summary>
    /// <exception cref="JinjaException">It is malformed.</exception>
    public static IReadOnlyList<JinjaToken> Tokenize(string source)
    {
        var lexer = new JinjaLexer(source);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        while (place < source.Length)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                AddText(place, source.Length, source.Length);
                break;
            }

            ReadTag(tag);
        }

        tokens.Add(new JinjaToken(JinjaTokenKind.End, "", source.Length));
    }

    private int NextTag()
    {
        for (var i = place; (i = source.IndexOf('{', i)) >= 0 && i + 1 < source.Length; i++)
            if (source[i + 1] is '{' or '%' or '#') return i;
        return -1;
    }

    private void ReadTag(int tag)
    {
        var kind = source[tag + 1];
        var sign = At(tag + 2) is '-' or '+' ? At(tag + 2) : ' ';
        AddStripped(tag, sign, takesIndentation: kind != '{');
        place = tag + (sign == ' ' ? 2 : 3);
        if (kind == '#')
            SkipComment(tag);
        else if (kind == '%' && TryReadRawBegin())
            ReadRaw(tag);
        else
            ReadExpression(tag, kind == '%');
    }

    /// <summary>Adds the text before a tag without what the tag takes of it.</summary>
    private void AddStripped(int tag, char sign, bool takesIndentation)
    {
        var end = tag;
        if (sign == '-')
        {
            while (end > place && PythonString.IsSpace(source[end - 1])) end--;
        }
        else if (sign != '+' && takesIndentation)
        {
            var line = tag;
            while (line > place && source[line - 1] != '\n' && PythonString.IsSpace(source[line - 1])) line--;
            if (line > place ? source[line - 1] == '\n' : isLineStart) end = line;
        }

        AddText(place, end, tag);
    }

    private void AddText(int start, int end, int next)
    {
        if (end > start) tokens.Add(new JinjaToken(JinjaTokenKind.Text, source[start..end], start));
        place = next;
    }

    private void SkipComment(int tag)
    {
        var end = source.IndexOf("#}", place, StringComparison.Ordinal);
        if (end < 0) throw Error(tag, "the comment has no end");
        var sign = end > place ? source[end - 1] : ' ';
        place = end + 2;
        EndTag(sign);
    }

    /// <summary>Takes what follows the end of a tag that is no output.</summary>
    private void EndTag(char sign)
    {
        var start = place;
        if (sign == '-')
            SkipSpace();
        else if (sign != '+' && At(place) == '\n')
            place++;
        isLineStart = place > start && source[place - 1] == '\n';
    }

    private bool TryReadRawBegin()
    {
        var i = SkipSpace(place);
        if (!source.AsSpan(i).StartsWith("raw")) return false;
        i = SkipSpace(i + 3);
        var isTrimmed = At(i) == '-';
        if (isTrimmed) i++;
        if (!source.AsSpan(i).StartsWith("%}")) return false;
        place = i + 2;
        if (isTrimmed) SkipSpace();
        isLineStart = isTrimmed && source[place - 1] == '\n';
        return true;
    }

    private void ReadRaw(int tag)
    {
        for (var i = place; (i = source.IndexOf("{%", i, StringComparison.Ordinal)) >= 0; i++)
        {
            var sign = At(i + 2) is '-' or '+' ? At(i + 2) : ' ';
            var name = SkipSpace(sign == ' ' ? i + 2 : i + 3);
            if (!source.AsSpan(name).StartsWith("endraw")) continue;
            var end = SkipSpace(name + 6);
            var endSign = At(end) is '-' or '+' ? At(end) : ' ';
            if (endSign != ' ') end++;
            if (!source.AsSpan(end).StartsWith("%}")) continue;
            AddStripped(i, sign, takesIndentation: true);
            place = end + 2;
            EndTag(endSign);
            return;
        }

        throw Error(tag, "the raw block has no end");
    }

    private void ReadExpression(int tag, bool isBlock)
    {
        tokens.Add(new JinjaToken(isBlock ? JinjaTokenKind.BlockBegin : JinjaTokenKind.OutputBegin, isBlock ? "{%" : "{{", tag));
        var brackets = new Stack<char>();
        while (true)
        {
            if (brackets.Count == 0 && TryReadEnd(isBlock)) return;
            if (place >= source.Length) throw Error(tag, "the tag has no end");
            if (PythonString.IsSpace(source[place]))
                place++;
            else if (char.IsAsciiDigit(source[place]))
                ReadNumber();
            else if (IsWord(source[place]))
                ReadWord();
            else if (source[place] is '\'' or '"')
                ReadString();
            else
                ReadOperator(brackets);
        }
    }

    private bool TryReadEnd(bool isBlock)
    {
        var sign = At(place) == '-' || isBlock && At(place) == '+' ? source[place] : ' ';
        var end = sign == ' ' ? place : place + 1;
        if (!source.AsSpan(Math.Min(end, source.Length)).StartsWith(isBlock ? "%}" : "}}")) return false;
        tokens.Add(new JinjaToken(isBlock ? JinjaTokenKind.BlockEnd : JinjaTokenKind.OutputEnd, source.Substring(end, 2), place));
        place = end + 2;

        // An output's end leaves the line break after it.
        EndTag(isBlock || sign == '-' ? sign : '+');
        return true;
    }

    private void ReadNumber()
    {
        var start = place;
        if (source[place] == '0' && At(place + 1) is var letter && "bBoOxX".Contains(letter, StringComparison.Ordinal) && IsWord(At(place + 2)))
        {
            place += 2;
            while (char.IsAsciiHexDigit(At(place)) || At(place) == '_') place++;
            tokens.Add(new JinjaToken(JinjaTokenKind.Integer, source[start..place], start));
            return;
        }

        SkipDigits();
        var isFloat = false;
        if ((start == 0 || source[start - 1] != '.') && At(place) == '.' && char.IsAsciiDigit(At(place + 1)))
        {
            isFloat = true;
            place++;
            SkipDigits();
        }

        if (At(place) is 'e' or 'E' && (char.IsAsciiDigit(At(place + 1)) || At(place + 1) is '+' or '-' && char.IsAsciiDigit(At(place + 2))))
        {
            isFloat = true;
            place += 2;
            SkipDigits();
        }

        var text = source[start..place].Replace("_", "", StringComparison.Ordinal);
        if (!isFloat && text.Length > 1 && text[0] == '0' && text.AsSpan().ContainsAnyExcept('0')) throw Error(start, "an integer cannot begin with 0");
        tokens.Add(new JinjaToken(isFloat ? JinjaTokenKind.Float : JinjaTokenKind.Integer, text, start));
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(At(place)) || At(place) == '_' && char.IsAsciiDigit(At(place + 1))) place++;
    }

    private void ReadWord()
    {
        var start = place;
        while (IsWord(At(place))) place++;
        tokens.Add(new JinjaToken(JinjaTokenKind.Name, source[start..place], start));
    }

    private void ReadString()
    {
        var (start, quote) = (place, source[place]);
        for (place++; place < source.Length && source[place] != quote; place++)
            if (source[place] == '\\') place++;
        if (place >= source.Length) throw Error(start, "the text constant has no end");
        try
        {
            tokens.Add(new JinjaToken(JinjaTokenKind.String, StringEscapes.Decode(source[(start + 1)..place]), start));
        }
        catch (JinjaValueException error)
        {
            throw Error(start, error.Message);
        }

        place++;
    }

    private void ReadOperator(Stack<char> brackets)
    {
        var symbol = LongOperators.FirstOrDefault(candidate => source.AsSpan(place).StartsWith(candidate)) ?? source[place].ToString();
        if (symbol.Length == 1 && !"+-/*%~[](){}><=.:|,;".Contains(symbol, StringComparison.Ordinal)) throw Error(place, $"the character '{symbol}' is not expected here");
        if (symbol is "(" or "[" or "{") brackets.Push(symbol == "(" ? ')' : symbol == "[" ? ']' : '}');
        if (symbol is ")" or "]" or "}" && (!brackets.TryPop(out var expected) || expected != symbol[0])) throw Error(place, $"'{symbol}' is not expected here");
        tokens.Add(new JinjaToken(JinjaTokenKind.Operator, symbol, place));
        place += symbol.Length;
    }

    private static bool IsWord(char unit) => unit == '_' || char.IsLetterOrDigit(unit);

    private char At(int index) => index < source.Length ? source[index] : '\0';

    private void SkipSpace() => place = SkipSpace(place);

    private int SkipSpace(int index)
    {
        while (index < source.Length && PythonString.IsSpace(source[index])) index++;
        return index;
    }

    private JinjaException Error(int position, string message) => JinjaPosition.Error(source, position, message);
}
