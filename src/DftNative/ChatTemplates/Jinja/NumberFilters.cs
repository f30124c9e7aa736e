using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Filters that make numbers of single values.</summary>
internal static class NumberFilters
{
    /// <summary>Adds them to the table.</summary>
    public static void AddTo(Dictionary<string, Func<RenderState, JinjaArguments, object>> table)
    {
        table["int"] = (_, arguments) => ToInteger(arguments.Bind("int", 1, "value", "default", "base"));
        table["float"] = (_, arguments) =>
        {
            var bound = arguments.Bind("float", 1, "value", "default");
            return ParseFloat(bound[0]!) ?? bound[1] ?? 0.0;
        };
        table["abs"] = (_, arguments) => arguments.Bind("abs", 1, "value")[0] switch
        {
            double number => Math.Abs(number),
            var value when JinjaNumber.TryGetInteger(value, out var integer) => BigInteger.Abs(integer),
            JinjaUndefined undefined => throw undefined.Error(),
            var value => throw new JinjaValueException($"abs needs a number, not {JinjaText.TypeName(value!)}"),
        };
        table["round"] = (_, arguments) => Round(arguments.Bind("round", 1, "value", "precision", "method"));
    }

    private static object ToInteger(object?[] bound)
    {
        var radix = bound[2] is null ? 10 : JinjaNumber.ToIndex(bound[2]!, "int's base");
        if (bound[0] is string text && ParseInteger(text, radix) is { } parsed) return JinjaNumber.Checked(parsed);
        if (JinjaNumber.TryGetInteger(bound[0], out var integer)) return integer;
        var number = ParseFloat(bound[0]!);
        if (number is { } infinite && double.IsInfinity(infinite)) throw new JinjaValueException("infinity has no integer");
        return number is { } value && !double.IsNaN(value) ? new BigInteger(Math.Truncate(value)) : bound[1] ?? BigInteger.Zero;
    }

    private static BigInteger? ParseInteger(string text, int radix)
    {
        if (radix is not 0 and (< 2 or > 36)) throw new JinjaValueException("int's base must be 0 or from 2 to 36");
        text = PythonString.Strip(text, null);
        var isNegative = text.StartsWith('-');
        if (isNegative || text.StartsWith('+')) text = text[1..];
        foreach (var (prefix, prefixRadix) in new[] { ("0x", 16), ("0o", 8), ("0b", 2) })
        {
            if (radix != 0 && radix != prefixRadix || !text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            (text, radix) = (text[2..].StartsWith('_') ? text[3..] : text[2..], prefixRadix);
            break;
        }

        if (radix == 0) radix = 10;
        if (text.Length == 0 || text.StartsWith('_') || text.EndsWith('_') || text.Contains("__", StringComparison.Ordinal)) return null;
        if (text.Length > JinjaLimits.MaxIntegerBits) throw new JinjaValueException("an integer has too many digits");
        var value = BigInteger.Zero;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '_') continue;
            var digit = System.Text.Rune.IsDigit(rune) ? (int)System.Text.Rune.GetNumericValue(rune)
                : char.IsAsciiLetter((char)Math.Min(rune.Value, 0xFFFF)) ? (rune.Value | 0x20) - 'a' + 10 : int.MaxValue;
            if (digit >= radix) return null;
            value = value * radix + digit;
        }

        return isNegative ? -value : value;
    }

    private static double? ParseFloat(object value)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        if (JinjaNumber.IsNumber(value)) return JinjaNumber.ToDouble(value);
        if (value is not string given) return null;
        var text = PythonString.Strip(given, null).ToLowerInvariant();
        var unsigned = text.TrimStart('+', '-');
        if (text.Length - unsigned.Length > 1) return null;
        var sign = text.StartsWith('-') ? -1.0 : 1.0;
        if (unsigned is "inf" or "infinity") return sign * double.PositiveInfinity;
        if (unsigned is "nan") return double.NaN;
        if (unsigned.Length == 0 || unsigned[0] == '_' || unsigned.Any(static unit => !(char.IsAsciiDigit(unit) || unit is '.' or 'e' or '+' or '-' or '_'))) return null;
        for (var i = 0; i < unsigned.Length; i++)
            if (unsigned[i] == '_' && (i + 1 == unsigned.Length || !char.IsAsciiDigit(unsigned[i - 1]) || !char.IsAsciiDigit(unsigned[i + 1]))) return null;
        return double.TryParse(unsigned.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? sign * number : null;
    }

    private static object Round(object?[] bound)
    {
        var value = bound[0]!;
        if (value is JinjaUndefined undefined) throw undefined.Error();
        if (!JinjaNumber.IsNumber(value)) throw new JinjaValueException($"round needs a number, not {JinjaText.TypeName(value)}");
        var precision = bound[1] is null ? 0 : JinjaNumber.ToIndex(bound[1]!, "round's precision");
        if (Math.Abs(precision) > 300) throw new JinjaValueException("round's precision is past 300, which is the limit");
        var method = bound[2] is null ? "common" : JinjaText.Str(bound[2]!);
        if (method is "ceil" or "floor")
        {
            var scale = Math.Pow(10, precision);
            var scaled = JinjaNumber.ToDouble(value) * scale;
            if (!double.IsFinite(scaled)) throw new JinjaValueException("round needs a finite number");
            var whole = new BigInteger(method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled));
            return (double)whole / scale;
        }

        if (method != "common") throw new JinjaValueException("round's method is common, ceil or floor");
        return value is double number ? RoundFloat(number, precision) : RoundInteger(value, precision);
    }

    /// <summary>Half to even of the exact binary value, as CPython does.</summary>
    private static double RoundFloat(double value, int precision)
    {
        if (!double.IsFinite(value)) return value;
        if (precision < 0)
        {
            var scale = Math.Pow(10, -precision);
            return double.IsInfinity(scale) ? 0 : Math.Round(value / scale, MidpointRounding.ToEven) * scale;
        }

        // .NET's fixed-point format is of the exact value; its ties, which only exact halves have, go away from zero.
        var digits = Math.Min(precision, 340);
        var rounded = double.Parse(value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var exact = value.ToString("F" + (digits + 60).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var tail = exact[^60..];
        if (tail[0] != '5' || tail.AsSpan(1).ContainsAnyExcept('0')) return rounded;
        var cut = exact[..^60].TrimEnd('.');
        return (cut[^1] - '0') % 2 == 0 ? double.Parse(cut, CultureInfo.InvariantCulture) : rounded;
    }

    private static object RoundInteger(object value, int precision)
    {
        JinjaNumber.TryGetInteger(value, out var integer);
        if (precision >= 0) return integer;
        var scale = BigInteger.Pow(10, -precision);
        var remainder = ((integer % scale) + scale) % scale;
        var lower = integer - remainder;
        var comparison = (remainder * 2).CompareTo(scale);
        return comparison < 0 || comparison == 0 && (lower / scale).IsEven ? lower : lower + scale;
    }
}
