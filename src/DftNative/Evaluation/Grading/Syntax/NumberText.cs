using System.Globalization;
using System.Numerics;
using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Reads number literals.</summary>
internal static class NumberText
{
    /// <summary>Powers of ten past this are no number of an answer.</summary>
    public const int MaxExponent = 999;

    /// <summary>Reads digits, with at most one point and one exponent.</summary>
    /// <exception cref="MathSyntaxException">It has other digits, as those of a base above ten, or the exponent is too large.</exception>
    public static NumberNode Parse(string text)
    {
        var exponentStart = text.IndexOf('e', StringComparison.Ordinal);
        var mantissa = exponentStart < 0 ? text : text[..exponentStart];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var fractionDigits = point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (!BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)) throw new MathSyntaxException("no decimal number");
        var significant = digits.AsSpan().TrimStart('0').Length;
        var number = new NumberNode(fractionDigits == 0 ? new Rational(integer) : new Rational(integer, BigInteger.Pow(10, fractionDigits)), text)
        {
            SignificantDigits = significant,
            LastPlace = point < 0 ? null : -fractionDigits,
        };
        if (exponentStart < 0) return number;
        if (!int.TryParse(text.AsSpan(exponentStart + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)) throw TooLarge();
        return Scale(number, exponent);
    }

    /// <summary>The number times a power of ten, its digits as good as before.</summary>
    /// <exception cref="MathSyntaxException">The exponent is too large.</exception>
    public static NumberNode Scale(NumberNode number, int exponent)
    {
        if (exponent is < -MaxExponent or > MaxExponent) throw TooLarge();
        return new NumberNode(number.Value * Rational.PowerOfTen(exponent), "")
        {
            SignificantDigits = number.SignificantDigits,
            LastPlace = (number.LastPlace ?? 0) + exponent,
        };
    }

    /// <summary>A decimal whose last digits repeat for ever.</summary>
    /// <param name="number">The digits before, with a decimal point.</param>
    /// <param name="period">The digits that repeat.</param>
    public static NumberNode Repeat(NumberNode number, string period)
    {
        var unit = Rational.PowerOfTen(number.LastPlace ?? 0);
        var repeated = new Rational(BigInteger.Parse(period, NumberStyles.None, CultureInfo.InvariantCulture), BigInteger.Pow(10, period.Length) - BigInteger.One);
        return new NumberNode(number.Value + unit * repeated, "");
    }

    private static MathSyntaxException TooLarge() => new("an exponent is too large");
}
