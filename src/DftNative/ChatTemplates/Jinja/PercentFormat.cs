using System.Numerics;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's <c>'%s' % value</c>.</summary>
internal static class PercentFormat
{
    /// <summary>Formats.</summary>
    /// <param name="format">The text with conversions.</param>
    /// <param name="values">A tuple of values, a dict for conversions with names, or one value.</param>
    public static string Apply(string format, object values)
    {
        var given = values is JinjaSequence { Kind: SequenceKind.Tuple } tuple ? tuple.Items : [values];
        var (used, usesNames) = (0, false);
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            i++;
            object? named = null;
            if (i < format.Length && format[i] == '(')
            {
                var end = format.IndexOf(')', i);
                if (end < 0 || values is not JinjaMapping mapping) throw new JinjaValueException("a format with names needs a dict");
                if (!mapping.TryGet(format[(i + 1)..end], out named)) throw new JinjaValueException($"a format's '{format[(i + 1)..end]}' is not in the dict");
                (i, usesNames) = (end + 1, true);
            }

            var (specification, isLeft, isZero) = (new FormatSpecification(), false, false);
            for (; i < format.Length && format[i] is '-' or '+' or ' ' or '#' or '0'; i++)
            {
                isLeft |= format[i] == '-';
                isZero |= format[i] == '0';
                if (format[i] == '#') specification = specification with { IsAlternate = true };
                if (format[i] == '+' || format[i] == ' ' && specification.Sign == '-') specification = specification with { Sign = format[i] };
            }

            specification = specification with { Width = Number(ref i) ?? 0 };
            if (i < format.Length && format[i] == '.')
            {
                i++;
                specification = specification with { Precision = Number(ref i) ?? 0 };
            }

            if (i < format.Length && format[i] is 'l' or 'h' or 'L') i++;
            if (i >= format.Length) throw new JinjaValueException("a format ends with an incomplete '%'");
            if (format[i] == '%')
            {
                result.Append('%');
                continue;
            }

            result.Append(Convert(format[i], named ?? Next(), specification, isLeft, isZero));
            JinjaLimits.CheckTextLength(result.Length);
        }

        if (!usesNames && used < given.Count && values is not (JinjaMapping or JinjaUndefined or JinjaSequence { Kind: not SequenceKind.Tuple }))
            throw new JinjaValueException("a format has fewer places than values");
        return result.ToString();

        object Next() => used < given.Count ? given[used++] : throw new JinjaValueException("a format has more places than values");

        int? Number(ref int i)
        {
            if (i < format.Length && format[i] == '*')
            {
                i++;
                return JinjaLimits.CheckTextLength(Math.Max(0, JinjaNumber.ToIndex(Next(), "a format's width")));
            }

            return i < format.Length && char.IsAsciiDigit(format[i]) ? FormatSpecification.ReadNumber(format, ref i) : null;
        }
    }

    private static string Convert(char conversion, object value, FormatSpecification specification, bool isLeft, bool isZero)
    {
        switch (conversion)
        {
            case 's' or 'r':
                return (specification with { Sign = '-', Align = isLeft ? '<' : '>' }).Apply(conversion == 's' ? JinjaText.Str(value) : JinjaText.Repr(value));
            case 'c':
                return (specification with { Sign = '-', Precision = null, Align = isLeft ? '<' : '>' }).Apply(Character(value));
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                var isDecimal = conversion is 'd' or 'i' or 'u';
                if (!JinjaNumber.TryGetInteger(value, out var integer))
                {
                    if (!isDecimal || value is not double number || !double.IsFinite(number)) throw new JinjaValueException($"'%{conversion}' needs an integer, not {JinjaText.TypeName(value)}");
                    integer = new BigInteger(Math.Truncate(number));
                }

                if (specification.Precision is not null) throw new JinjaValueException($"a precision of '%{conversion}' is not supported");
                return Aligned(specification with { Type = isDecimal ? 'd' : conversion }).Apply(integer);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                if (!JinjaNumber.IsNumber(value)) throw new JinjaValueException($"'%{conversion}' needs a number, not {JinjaText.TypeName(value)}");
                return Aligned(specification with { Type = conversion }).Apply(JinjaNumber.ToDouble(value));
            default:
                throw new JinjaValueException($"the conversion '%{conversion}' is not supported");
        }

        FormatSpecification Aligned(FormatSpecification plain) =>
            isLeft ? plain with { Align = '<' } : isZero ? plain with { Align = '=', Fill = "0" } : plain with { Align = '>' };
    }

    private static string Character(object value) => value switch
    {
        string text when PythonString.Length(text) == 1 => text,
        BigInteger code when code >= 0 && code <= 0x10FFFF && Rune.IsValid((int)code) => new Rune((int)code).ToString(),
        _ => throw new JinjaValueException("'%c' needs an integer or one character"),
    };
}
