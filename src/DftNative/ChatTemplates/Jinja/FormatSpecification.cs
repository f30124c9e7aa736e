using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's format specification: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal sealed record FormatSpecification
{
    /// <summary>What fills the width; one code point.</summary>
    public string Fill { get; init; } = " ";

    /// <summary><c>&lt;</c>, <c>&gt;</c>, <c>^</c> or <c>=</c>; null: as the type has it.</summary>
    public char? Align { get; init; }

    /// <summary><c>+</c>, <c>-</c> or a space.</summary>
    public char Sign { get; init; } = '-';

    /// <summary>Whether a prefix such as 0x is written.</summary>
    public bool IsAlternate { get; init; }

    /// <summary>The least code points.</summary>
    public int Width { get; init; }

    /// <summary><c>,</c> or <c>_</c> between groups of digits; null: none.</summary>
    public char? Grouping { get; init; }

    /// <summary>Digits behind the point, or the most code points of a text; null: as the type has it.</summary>
    public int? Precision { get; init; }

    /// <summary>The type; null: the value's own.</summary>
    public char? Type { get; init; }

    /// <summary>Reads a specification.</summary>
    /// <exception cref="JinjaValueException">It is not understood.</exception>
    public static FormatSpecification Parse(string text)
    {
        var (i, result) = (0, new FormatSpecification());
        var fillEnd = PythonString.UnitIndex(text, 1);
        if (fillEnd < text.Length && fillEnd > 0 && text[fillEnd] is '<' or '>' or '^' or '=')
            (result, i) = (result with { Fill = text[..fillEnd], Align = text[fillEnd] }, fillEnd + 1);
        else if (text.Length > 0 && text[0] is '<' or '>' or '^' or '=')
            (result, i) = (result with { Align = text[0] }, 1);
        if (At() is '+' or '-' or ' ') result = result with { Sign = text[i++] };
        if (At() == '#') (result, i) = (result with { IsAlternate = true }, i + 1);
        if (At() == '0') (result, i) = (result.Align is null ? result with { Fill = "0", Align = '=' } : result, i + 1);
        if (char.IsAsciiDigit(At())) result = result with { Width = ReadNumber(text, ref i) };
        if (At() is ',' or '_') result = result with { Grouping = text[i++] };
        if (At() == '.')
        {
            i++;
            if (!char.IsAsciiDigit(At())) throw new JinjaValueException("a format lacks its precision");
            result = result with { Precision = ReadNumber(text, ref i) };
        }

        if (i < text.Length) result = result with { Type = text[i++] };
        return i == text.Length ? result : throw new JinjaValueException($"the format '{text}' is not understood");

        char At() => i < text.Length ? text[i] : '\0';
    }

    /// <summary>Reads the digits at a place.</summary>
    /// <exception cref="JinjaValueException">The number is past any text's length.</exception>
    public static int ReadNumber(string text, ref int i)
    {
        var number = 0L;
        for (; i < text.Length && char.IsAsciiDigit(text[i]); i++) number = Math.Min(number * 10 + (text[i] - '0'), int.MaxValue);
        return JinjaLimits.CheckTextLength(number);
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="JinjaValueException">The type is not one for the value.</exception>
    public string Apply(object value) => value switch
    {
        string text => FormatText(text),
        bool when Type is null => FormatText(JinjaText.Str(value)),
        BigInteger or bool when Type is null or 'd' or 'n' or 'b' or 'o' or 'x' or 'X' or 'c' => FormatInteger(value),
        BigInteger or bool or double => FormatFloat(JinjaNumber.ToDouble(value)),
        _ when this == new FormatSpecification() => JinjaText.Str(value),
        _ => throw new JinjaValueException($"a {JinjaText.TypeName(value)} takes no format"),
    };

    private string FormatText(string text)
    {
        if (Type is not (null or 's') || Align == '=' && Fill != "0" || Grouping is not null || Sign != '-') throw new JinjaValueException("a text takes no such format");
        if (Precision is { } most) text = text[..PythonString.UnitIndex(text, most)];
        return Pad("", text, Align is null or '=' ? '<' : Align.Value);
    }

    private string FormatInteger(object value)
    {
        if (Precision is not null) throw new JinjaValueException("an integer's format has no precision");
        JinjaNumber.TryGetInteger(value, out var integer);
        if (Type == 'c') return Pad("", new System.Text.Rune((int)integer).ToString(), Align ?? '<');
        var magnitude = BigInteger.Abs(integer);
        var (prefix, digits) = Type switch
        {
            'x' => ("0x", ToBase(magnitude, 16)),
            'X' => ("0X", ToBase(magnitude, 16).ToUpperInvariant()),
            'o' => ("0o", ToBase(magnitude, 8)),
            'b' => ("0b", ToBase(magnitude, 2)),
            _ => ("", magnitude.ToString(CultureInfo.InvariantCulture)),
        };
        return Pad(SignOf(integer.Sign < 0) + (IsAlternate ? prefix : ""), Group(digits, Type is 'x' or 'X' or 'o' or 'b' ? 4 : 3), Align ?? '>');
    }

    private string FormatFloat(double value)
    {
        var magnitude = Math.Abs(value);
        var precision = Precision ?? 6;
        if (precision > 1000) throw new JinjaValueException("a number's format has more than 1000 digits, which is the limit");
        var digits = Type switch
        {
            _ when !double.IsFinite(value) => JinjaNumber.Format(magnitude),
            null when Precision is null => JinjaNumber.Format(magnitude),
            null => General(magnitude, Math.Max(1, precision), keepsPoint: true),
            'f' or 'F' => Fixed(magnitude, precision),
            'e' or 'E' => Exponential(magnitude, precision),
            'g' or 'G' or 'n' => General(magnitude, Math.Max(1, precision), keepsPoint: false),
            '%' => Fixed(magnitude * 100, precision) + "%",
            _ => throw new JinjaValueException($"a float takes no format '{Type}'"),
        };
        if (Type is 'E' or 'G' or 'F') digits = digits.ToUpperInvariant();
        var point = digits.IndexOfAny(['.', 'e', 'E', '%']);
        var whole = point < 0 ? digits : digits[..point];
        return Pad(SignOf(double.IsNegative(value) && !double.IsNaN(value)), (double.IsFinite(value) ? Group(whole, 3) : whole) + digits[whole.Length..], Align ?? '>');
    }

    private static string Fixed(double value, int precision) => value.ToString("F" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Exponential(double value, int precision)
    {
        var text = value.ToString("e" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var mark = text.IndexOf('e', StringComparison.Ordinal);
        var exponent = int.Parse(text[(mark + 1)..], CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..mark]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary>The shorter of both forms with so many significant digits, zeros at its end dropped.</summary>
    private string General(double value, int precision, bool keepsPoint)
    {
        var exponential = Exponential(value, precision - 1);
        var mark = exponential.IndexOf('e', StringComparison.Ordinal);
        var exponent = value == 0 ? 0 : int.Parse(exponential[(mark + 1)..], CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= precision - (keepsPoint ? 1 : 0)) return Trim(exponential[..mark]) + exponential[mark..];
        var text = Trim(Fixed(value, precision - 1 - exponent));
        return keepsPoint && !text.Contains('.', StringComparison.Ordinal) ? text + ".0" : text;

        string Trim(string digits) => digits.Contains('.', StringComparison.Ordinal) && !IsAlternate ? digits.TrimEnd('0').TrimEnd('.') : digits;
    }

    private static string ToBase(BigInteger value, int radix)
    {
        if (value.IsZero) return "0";
        var digits = new Stack<char>();
        for (; !value.IsZero; value /= radix) digits.Push("0123456789abcdef"[(int)(value % radix)]);
        return string.Concat(digits);
    }

    private string SignOf(bool isNegative) => isNegative ? "-" : Sign == '-' ? "" : Sign.ToString();

    private string Group(string digits, int size)
    {
        if (Grouping is not { } separator) return digits;
        for (var i = digits.Length - size; i > 0; i -= size) digits = digits.Insert(i, separator.ToString());
        return digits;
    }

    private string Pad(string sign, string text, char align)
    {
        var missing = Width - PythonString.Length(sign) - PythonString.Length(text);
        if (missing <= 0) return sign + text;
        var left = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        string Filling(int count) => string.Concat(Enumerable.Repeat(Fill, count));
        return align == '=' ? sign + Filling(missing) + text : Filling(left) + sign + text + Filling(missing - left);
    }
}
