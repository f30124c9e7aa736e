using System.Numerics;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>A real number to 256 binary places with a bound on its error: what double precision takes for equal is told apart by it.</summary>
/// <param name="Mantissa">The number times 2²⁵⁶.</param>
/// <param name="Error">How far from it the true value can be, times 2²⁵⁶.</param>
internal readonly record struct FixedPoint(BigInteger Mantissa, BigInteger Error)
{
    private const int Bits = 256;

    // Values known to fewer places than this decide nothing.
    private const int LeastBits = 128;

    /// <summary>1.</summary>
    public static FixedPoint One { get; } = new(BigInteger.One << Bits, BigInteger.Zero);

    /// <summary>π, by Machin's formula of 1706: 16 arctan(1/5) − 4 arctan(1/239).</summary>
    public static FixedPoint Pi { get; } = new(16 * ArctangentOfReciprocal(5) - 4 * ArctangentOfReciprocal(239), BigInteger.One << 14);

    /// <summary>Euler's number, by the sum of the factorials' reciprocals.</summary>
    public static FixedPoint Euler { get; } = CreateEuler();

    /// <summary>Bits of the mantissa: the length of an operation's work.</summary>
    public long BitLength => Mantissa.GetBitLength();

    /// <summary>Whether the value is known well enough for decisions.</summary>
    public bool IsSharp => Error.GetBitLength() <= Bits - LeastBits;

    /// <summary>Rounds a fraction.</summary>
    public static FixedPoint From(Rational value) => new((value.Numerator << Bits) / value.Denominator, value.IsInteger ? BigInteger.Zero : BigInteger.One);

    /// <summary>Takes a double as it is.</summary>
    public static FixedPoint From(double value) => new(new BigInteger(Math.ScaleB(value, Bits)), BigInteger.One);

    public static FixedPoint operator +(FixedPoint left, FixedPoint right) => new(left.Mantissa + right.Mantissa, left.Error + right.Error);

    public static FixedPoint operator -(FixedPoint value) => value with { Mantissa = -value.Mantissa };

    public static FixedPoint operator *(FixedPoint left, FixedPoint right) => new(
        (left.Mantissa * right.Mantissa) >> Bits,
        ((BigInteger.Abs(left.Mantissa) * right.Error + BigInteger.Abs(right.Mantissa) * left.Error + left.Error * right.Error) >> Bits) + 2);

    /// <summary>The magnitude.</summary>
    public FixedPoint Abs() => this with { Mantissa = BigInteger.Abs(Mantissa) };

    /// <summary>The reciprocal.</summary>
    /// <returns>Null if the value can be 0.</returns>
    public FixedPoint? Reciprocal()
    {
        var magnitude = BigInteger.Abs(Mantissa);
        if (magnitude <= Error) return null;
        return new FixedPoint((BigInteger.One << (2 * Bits)) / Mantissa, (Error << (2 * Bits)) / (magnitude * (magnitude - Error)) + 2);
    }

    /// <summary>The real root.</summary>
    /// <param name="degree">Of the root, at least 2.</param>
    /// <returns>Null if the value can be 0, or there is no such root.</returns>
    public FixedPoint? Root(int degree)
    {
        if (Mantissa.Sign < 0) return degree % 2 == 1 && (-this).Root(degree) is { } root ? -root : null;
        if (Mantissa <= Error) return null;
        var lower = Rational.FloorRoot((Mantissa - Error) << (Bits * (degree - 1)), degree);
        var upper = Error.IsZero ? lower : Rational.FloorRoot((Mantissa + Error) << (Bits * (degree - 1)), degree);
        return new FixedPoint(lower, upper - lower + 1);
    }

    /// <summary>Whether both can be the same number.</summary>
    public bool Overlaps(FixedPoint other) => BigInteger.Abs(Mantissa - other.Mantissa) <= Error + other.Error;

    // The sum of (−1)ⁿ / ((2n + 1) x²ⁿ⁺¹): each of its terms is off by less than one, as is what is left out.
    private static BigInteger ArctangentOfReciprocal(int x)
    {
        var power = (BigInteger.One << Bits) / x;
        var sum = BigInteger.Zero;
        for (var n = 0; !power.IsZero; n++)
        {
            var term = power / (2 * n + 1);
            sum += n % 2 == 0 ? term : -term;
            power /= x * x;
        }

        return sum;
    }

    private static FixedPoint CreateEuler()
    {
        var (term, sum) = (BigInteger.One << Bits, BigInteger.Zero);
        var count = 0;
        while (!term.IsZero)
        {
            sum += term;
            term /= ++count;
        }

        return new FixedPoint(sum, count + 1);
    }
}
