using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's numbers: a <see cref="BigInteger"/> is an int, a <see cref="double"/> a float, and a <see cref="bool"/> counts as 0 or 1.</summary>
internal static class JinjaNumber
{
    /// <summary>Whether the value is an int, float or bool.</summary>
    public static bool IsNumber(object? value) => value is BigInteger or double or bool;

    /// <summary>The value as an int, if it is an int or bool.</summary>
    public static bool TryGetInteger(object? value, out BigInteger integer)
    {
        integer = value switch
        {
            BigInteger number => number,
            bool truth => truth ? BigInteger.One : BigInteger.Zero,
            _ => default,
        };
        return value is BigInteger or bool;
    }

    /// <summary>The value as an int that a length or index can be: cut to ±2³⁰.</summary>
    /// <exception cref="JinjaValueException">It is no int.</exception>
    public static int ToIndex(object value, string what)
    {
        if (value is JinjaUndefined undefined) throw undefined.Error();
        if (!TryGetInteger(value, out var integer)) throw new JinjaValueException($"{what} must be an integer, not {JinjaText.TypeName(value)}");
        return (int)BigInteger.Clamp(integer, -(1 << 30), 1 << 30);
    }

    /// <summary>A number as a float.</summary>
    /// <exception cref="JinjaValueException">It is an int past a float's range.</exception>
    public static double ToDouble(object value)
    {
        if (value is double number) return number;
        TryGetInteger(value, out var integer);
        var result = (double)integer;
        return double.IsFinite(result) ? result : throw new JinjaValueException("an integer is too large for a float");
    }

    /// <summary>An int within its limit.</summary>
    /// <exception cref="JinjaValueException">It is past it.</exception>
    public static object Checked(BigInteger value) =>
        value.GetBitLength() <= JinjaLimits.MaxIntegerBits ? value : throw new JinjaValueException($"an integer has more than {JinjaLimits.MaxIntegerBits} bits, which is the limit");

    /// <summary>Whether two numbers are the same.</summary>
    public static bool AreEqual(object left, object right) => TryGetInteger(left, out var x) && TryGetInteger(right, out var y) ? x == y : Compare(left, right) == 0;

    /// <summary>The order of two numbers, exactly; null where one is not a number (NaN).</summary>
    public static int? Compare(object left, object right)
    {
        if (TryGetInteger(left, out var x) && TryGetInteger(right, out var y)) return x.CompareTo(y);
        if (left is double p && right is double q) return double.IsNaN(p) || double.IsNaN(q) ? null : p.CompareTo(q);
        return left is double d ? -CompareToDouble(right, d) : CompareToDouble(left, (double)right);
    }

    /// <summary>A float as Python's repr writes it.</summary>
    public static string Format(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        var (digits, exponent) = Digits(value);
        var sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static int? CompareToDouble(object integer, double number)
    {
        TryGetInteger(integer, out var value);
        if (double.IsNaN(number)) return null;
        if (double.IsInfinity(number)) return number > 0 ? -1 : 1;
        var whole = new BigInteger(Math.Floor(number));
        return value != whole ? value.CompareTo(whole) : number > Math.Floor(number) ? -1 : 0;
    }

    /// <summary>The shortest digits that read back as the same value, and the exponent of the first.</summary>
    private static (string Digits, int Exponent) Digits(double value)
    {
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? shortest : shortest[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent = whole.Length - 1 - (all.Length - digits.Length);
        if (mark >= 0) exponent += int.Parse(shortest[(mark + 1)..], CultureInfo.InvariantCulture);
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent);
    }
}
