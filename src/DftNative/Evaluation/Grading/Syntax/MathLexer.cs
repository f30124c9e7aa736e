using System.Text;
using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Splits an answer into tokens: LaTeX, Unicode's signs and plain text come out alike. Takes time linear in the length.</summary>
internal sealed partial class MathLexer
{
    private const int MaxNumberLength = 1000;
    private const int MaxTextDepth = 8;

    private readonly string text;
    private readonly bool groupsCommas;
    private readonly int textDepth;
    private readonly bool textFollowsValue;
    private readonly List<MathToken> tokens = [];

    // Open braces at which a \frac waits for its second argument.
    private readonly Stack<int> awaitingDenominator = new();
    private int position;
    private int braceDepth;
    private int bracketDepth;
    private bool hasSpace;
    private bool takesOneDigit;

    private MathLexer(string text, bool groupsCommas, int textDepth, bool textFollowsValue) =>
        (this.text, this.groupsCommas, this.textDepth, this.textFollowsValue) = (text, groupsCommas, textDepth, textFollowsValue);

    /// <summary>The tokens, without an end.</summary>
    /// <param name="text">An answer.</param>
    /// <param name="groupsCommas">Whether a comma between three digits and others groups them, outside of brackets.</param>
    /// <exception cref="MathSyntaxException">A number is too long to be one.</exception>
    public static List<MathToken> Split(string text, bool groupsCommas) => Split(ExpandSigns(text), groupsCommas, textDepth: 0, textFollowsValue: false);

    private static List<MathToken> Split(string text, bool groupsCommas, int textDepth, bool textFollowsValue)
    {
        if (textDepth > MaxTextDepth) throw new MathSyntaxException("\\text is nested too deeply");
        var lexer = new MathLexer(text, groupsCommas, textDepth, textFollowsValue);
        lexer.Run();
        return lexer.tokens;
    }

    private static string ExpandSigns(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text;
        var expanded = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter < 128) expanded.Append(letter);
            else if (LatexNames.Raised.Contains(letter)) i += AppendScript(expanded, text.AsSpan(i), '^', LatexNames.Raised) - 1;
            else if (LatexNames.Lowered.Contains(letter)) i += AppendScript(expanded, text.AsSpan(i), '_', LatexNames.Lowered) - 1;
            else if (LatexNames.Signs.TryGetValue(letter, out var replacement)) expanded.Append(replacement);
            else if (letter is >= '\uFF10' and <= '\uFF19') expanded.Append((char)(letter - '\uFF10' + '0'));
            else expanded.Append(letter);
        }

        return expanded.ToString();
    }

    // A run of raised or lowered signs, as one group; the length of the run.
    private static int AppendScript(StringBuilder expanded, ReadOnlySpan<char> text, char mark, string signs)
    {
        var length = text.IndexOfAnyExcept(signs);
        if (length < 0) length = text.Length;
        expanded.Append(mark).Append('{');
        foreach (var letter in text[..length]) expanded.Append(LatexNames.RaisedPlain[signs.IndexOf(letter, StringComparison.Ordinal)]);
        expanded.Append('}');
        return length;
    }

    private static bool IsLetter(char letter) => letter >= 128 ? char.IsLetter(letter) : char.IsAsciiLetter(letter);

    private void Run()
    {
        while (position < text.Length)
        {
            var next = text[position];
            if (char.IsWhiteSpace(next) || next is '~' or '$' || char.IsControl(next)) Skip(1);
            else if (BaseDigitsLength() is > 0 and var length) ReadBaseDigits(length);
            else if (char.IsAsciiDigit(next) || (next == '.' && IsDigitAt(position + 1))) ReadNumber();
            else if (next == '\\') ReadCommand();
            else if (IsLetter(next)) ReadLetters();
            else ReadMark(next);
        }
    }

    private void Skip(int length)
    {
        position += length;
        hasSpace = true;
    }

    private void Add(MathTokenKind kind, string value)
    {
        tokens.Add(new MathToken(kind, value, hasSpace));
        hasSpace = false;
        if (kind != MathTokenKind.Mark) takesOneDigit = false;
    }

    private void AddMark(string value) => Add(MathTokenKind.Mark, value);

    private char CharAt(int index) => index < text.Length ? text[index] : '\0';

    private bool IsDigitAt(int index) => char.IsAsciiDigit(CharAt(index));

    private void ReadMark(char next)
    {
        position++;
        switch (next)
        {
            case '{' when CharAt(position) == '}' && (tokens.Count > 0 || text.Length > 2) && !takesOneDigit:
                position++;
                return;
            case '.' when CharAt(position) == '.' && CharAt(position + 1) == '.':
                position += 2;
                Add(MathTokenKind.Symbol, "dots");
                return;
            case '{':
                if (takesOneDigit) awaitingDenominator.Push(braceDepth);
                takesOneDigit = false;
                braceDepth++;
                break;
            case '}':
                braceDepth--;
                if (awaitingDenominator.TryPeek(out var depth) && depth == braceDepth)
                {
                    awaitingDenominator.Pop();
                    AddMark("}");
                    ReadShortDenominator();
                    return;
                }

                break;
            case '(' or '[':
                bracketDepth++;
                break;
            case ')' or ']':
                bracketDepth--;
                break;
            case '*' when CharAt(position) == '*':
                position++;
                AddMark("^");
                return;
            case '<' or '>' or '!' when CharAt(position) == '=':
                position++;
                AddMark(next switch { '<' => "≤", '>' => "≥", _ => "≠" });
                return;
            case '=' when CharAt(position) == '=':
                position++;
                break;
            case '+' when CharAt(position) == '/' && CharAt(position + 1) == '-':
                position += 2;
                AddMark("±");
                return;
        }

        AddMark(next.ToString());
    }

    // \frac12 and \frac{a}2: one digit each, as TeX reads them.
    private void ReadShortDenominator()
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == '~')) position++;
        if (!IsDigitAt(position)) return;
        Add(MathTokenKind.Number, text[position].ToString());
        position++;
    }

    private void ReadNumber()
    {
        if (takesOneDigit && CharAt(position) != '.')
        {
            var digit = text[position++].ToString();
            Add(MathTokenKind.Number, digit);
            ReadShortDenominator();
            return;
        }

        var digits = new StringBuilder();
        ReadInteger(digits);
        if (CharAt(position) == '.' && (IsDigitAt(position + 1) || !IsLetter(CharAt(position + 1))))
        {
            digits.Append('.');
            position++;
            while (IsDigitAt(position)) digits.Append(text[position++]);
        }

        if (CharAt(position) is 'e' or 'E')
        {
            var sign = CharAt(position + 1) is '+' or '-' ? 1 : 0;

            // 2e+1 is a sum; 2e+01 and 2.0e+1 are written by programs.
            var isSum = CharAt(position + 1) == '+' && !IsDigitAt(position + 3) && !digits.ToString().Contains('.', StringComparison.Ordinal);
            if (IsDigitAt(position + 1 + sign) && !isSum)
            {
                digits.Append('e').Append(text, position + 1, sign);
                position += 1 + sign;
                while (IsDigitAt(position)) digits.Append(text[position++]);
            }
        }

        if (ReadRepeating(digits)) return;
        position += OrdinalLength(digits);
        if (digits.Length > MaxNumberLength) throw new MathSyntaxException("a number is too long");
        Add(MathTokenKind.Number, digits.ToString());
    }

    private void ReadInteger(StringBuilder digits)
    {
        while (true)
        {
            while (IsDigitAt(position)) digits.Append(text[position++]);
            var separator = SeparatorLength(digits);
            if (separator == 0) return;
            position += separator;
        }
    }

    // A separator of thousands between here and three digits: 1,000 or 1{,}000 or 1,\!000 or 1\,000 or 1 000.
    private int SeparatorLength(StringBuilder digits)
    {
        if (digits.Length == 0 || digits[0] == '0') return 0;
        var length = 0;
        if (CharAt(position) == ',' && StartsWith(position + 1, "\\!"))
        {
            length = 3;
            while (CharAt(position + length) == ' ') length++;
        }
        else if (StartsWith(position, "{,}"))
        {
            length = 3;
        }
        else if (digits.Length <= 3 || digits.Length % 3 == 0)
        {
            if (CharAt(position) == ',' && groupsCommas && bracketDepth <= 0) length = 1;
            else if (StartsWith(position, "\\,")) length = 2;
            else if (CharAt(position) == ' ') length = 1;
        }
        else if (CharAt(position) == ',' && groupsCommas && bracketDepth <= 0)
        {
            length = 1;
        }

        var start = position + length;
        return length > 0 && IsDigitAt(start) && IsDigitAt(start + 1) && IsDigitAt(start + 2) && !IsDigitAt(start + 3) ? length : 0;
    }

    private bool StartsWith(int index, string value) => string.CompareOrdinal(text, index, value, 0, value.Length) == 0;

    private void ReadLetters()
    {
        var start = position;
        while (position < text.Length && IsLetter(text[position])) position++;

        // don't and O'Brien are words; f' is a symbol with a prime.
        while (position - start >= 2 && CharAt(position) == '\'' && IsLetter(CharAt(position + 1)))
        {
            position++;
            while (position < text.Length && IsLetter(text[position])) position++;
        }

        AddLetters(text[start..position]);
    }

    private void AddLetters(string run)
    {
        if (run.Length == 1)
        {
            if (run is "x" or "X" && IsTimesSign())
            {
                AddMark("*");
                return;
            }

            Add(tokens.Count == 0 && run is "a" or "A" && FollowedByWord ? MathTokenKind.Word : MathTokenKind.Symbol, run);
            return;
        }

        if (AddKeyword(run)) return;
        if (run is "np" or "math" or "sympy" && CharAt(position) == '.')
        {
            position++;
            return;
        }

        if (IsWord(run))
        {
            Add(MathTokenKind.Word, run);
            return;
        }

        if (FunctionOfLetter(run) is { } function)
        {
            AddKeyword(function);
            Add(MathTokenKind.Symbol, run[^1..]);
            return;
        }

        foreach (var letter in run) Add(MathTokenKind.Symbol, letter.ToString());
    }

    private bool AddKeyword(string run)
    {
        if (run == "sqrt" || run == "cbrt")
        {
            Add(MathTokenKind.Command, run);
        }
        else if (run == "mod")
        {
            Add(MathTokenKind.Command, run);
        }
        else if (run.Equals("or", StringComparison.OrdinalIgnoreCase))
        {
            AddMark("or");
        }
        else if (run.Equals("and", StringComparison.OrdinalIgnoreCase))
        {
            AddMark(",");
        }
        else if (LatexNames.Functions.ContainsKey(run) && !(run is "min" && (FollowsValue || BeginsTextOfValue)))
        {
            Add(MathTokenKind.Function, run);
        }
        else if (LatexNames.PlainSymbols.TryGetValue(run, out var symbol))
        {
            Add(MathTokenKind.Symbol, symbol);
        }
        else
        {
            return false;
        }

        return true;
    }

    private bool FollowsValue => tokens.Count > 0 && (tokens[^1].Kind is MathTokenKind.Number or MathTokenKind.Word || tokens[^1].IsMark("}") || tokens[^1].IsMark(")") || FollowsMicro);

    // 250 \mu\mathrm{m}
    private bool FollowsMicro => tokens.Count > 1 && tokens[^1] is { Kind: MathTokenKind.Symbol, Text: "mu" } && tokens[^2].Kind == MathTokenKind.Number;

    // 30\text{ min} has no function.
    private bool BeginsTextOfValue => textFollowsValue && tokens.Count == 0;

    private bool FollowedByWord => CharAt(position) == ' ' && !StartsWith(position + 1, "and ") && IsLetter(CharAt(position + 1)) && IsLetter(CharAt(position + 2)) && IsLetter(CharAt(position + 3));

    // 3.2 x 10^5 and 3 x 4; in 3x^2 and 3x the letter is a variable.
    private bool IsTimesSign()
    {
        if (tokens.Count == 0 || tokens[^1].Kind != MathTokenKind.Number) return false;
        var next = position;
        while (CharAt(next) == ' ') next++;
        return IsDigitAt(next) && ((hasSpace && next > position) || StartsWith(next, "10^"));
    }

    // 5 mg and 500mg, not 2mg: a product's coefficient is seldom long.
    private bool IsApartOrBehindQuantity => hasSpace ? tokens[^1].Kind != MathTokenKind.Mark : tokens[^1] is { Kind: MathTokenKind.Number, Text.Length: > 1 };

    // Variables side by side are seldom pronounceable.
    private bool IsWord(string run)
    {
        if (FollowsValue && ((UnitTable.IsUnit(run) && (textDepth > 0 || !UnitTable.IsProductLike(run) || IsApartOrBehindQuantity)) || (hasSpace && run.Length > 3))) return true;
        if (run is "all" or "any" || (run is "an" && FollowedByWord)) return true;
        if (run.Contains('\'')) return true;
        if (run.Length < 3) return run is "no" or "No" or "NO" or "is" or "to" or "of";
        if (CharAt(position) == '^' && run.Length <= 4 && run[^1] == 'e') return false;
        if (FunctionOfLetter(run) is not null) return false;
        return run.AsSpan().IndexOfAny("eiouEIOU") >= 0 || run.Any(letter => letter >= 128) || UnitTable.IsUnit(run) || run.Length >= 6;
    }

    // sinx is sin x; sing and tank are words.
    private static string? FunctionOfLetter(string run)
    {
        foreach (var function in (ReadOnlySpan<string>)["sqrt", "sin", "cos", "tan", "log", "ln"])
            if (run.Length == function.Length + 1 && run.StartsWith(function, StringComparison.Ordinal) && "xytnaA".Contains(run[^1], StringComparison.Ordinal)) return function;
        return null;
    }
}
