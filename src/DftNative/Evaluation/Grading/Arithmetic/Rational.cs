using System.Globalization;
using System.Numerics;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>An exact fraction in lowest terms with a positive denominator.</summary>
internal readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    private readonly BigInteger denominatorMinusOne;

    /// <summary>A fraction.</summary>
    /// <param name="numerator">The numerator.</param>
    /// <param name="denominator">Not 0.</param>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero) throw new DivideByZeroException();
        if (denominator.Sign < 0) (numerator, denominator) = (-numerator, -denominator);
        if (!denominator.IsOne)
        {
            var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
            if (!divisor.IsOne) (numerator, denominator) = (numerator / divisor, denominator / divisor);
        }

        (Numerator, denominatorMinusOne) = (numerator, denominator - BigInteger.One);
    }

    /// <summary>An integer.</summary>
    public Rational(BigInteger value) => Numerator = value;

    /// <summary>0.</summary>
    public static Rational Zero => default;

    /// <summary>1.</summary>
    public static Rational One => new(BigInteger.One);

    /// <summary>The numerator, with the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>The denominator, at least 1.</summary>
    public BigInteger Denominator => denominatorMinusOne + BigInteger.One;

    /// <summary>Whether the denominator is 1.</summary>
    public bool IsInteger => denominatorMinusOne.IsZero;

    /// <summary>Whether it is 0.</summary>
    public bool IsZero => Numerator.IsZero;

    /// <summary>−1, 0 or 1.</summary>
    public int Sign => Numerator.Sign;

    /// <summary>Bits of numerator and denominator together.</summary>
    public long BitLength => Numerator.GetBitLength() + denominatorMinusOne.GetBitLength();

    public static Rational operator +(Rational left, Rational right) => left.IsInteger && right.IsInteger
        ? new(left.Numerator + right.Numerator)
        : new(left.Numerator * right.Denominator + right.Numerator * left.Denominator, left.Denominator * right.Denominator);

    public static Rational operator -(Rational left, Rational right) => left + -right;

    public static Rational operator -(Rational value) => new(-value.Numerator, value.Denominator);

    public static Rational operator *(Rational left, Rational right) => left.IsInteger && right.IsInteger
        ? new(left.Numerator * right.Numerator)
        : new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    public static Rational operator /(Rational left, Rational right) => new(left.Numerator * right.Denominator, left.Denominator * right.Numerator);

    public static bool operator ==(Rational left, Rational right) => left.Equals(right);

    public static bool operator !=(Rational left, Rational right) => !left.Equals(right);

    public static bool operator <(Rational left, Rational right) => left.CompareTo(right) < 0;

    public static bool operator >(Rational left, Rational right) => left.CompareTo(right) > 0;

    public static bool operator <=(Rational left, Rational right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Rational left, Rational right) => left.CompareTo(right) >= 0;

    /// <summary>10 to a power.</summary>
    public static Rational PowerOfTen(int exponent) => exponent >= 0
        ? new(BigInteger.Pow(10, exponent))
        : new(BigInteger.One, BigInteger.Pow(10, -exponent));

    /// <summary>An integer power.</summary>
    /// <exception cref="DivideByZeroException">0 to a negative power.</exception>
    public Rational Pow(int exponent) => exponent >= 0
        ? new(BigInteger.Pow(Numerator, exponent), BigInteger.Pow(Denominator, exponent))
        : new(BigInteger.Pow(Denominator, -exponent), BigInteger.Pow(Numerator, -exponent));

    /// <summary>The largest integer not above.</summary>
    public BigInteger Floor()
    {
        var quotient = BigInteger.DivRem(Numerator, Denominator, out var remainder);
        return remainder.Sign < 0 ? quotient - BigInteger.One : quotient;
    }

    /// <summary>The magnitude.</summary>
    public Rational Abs() => Sign < 0 ? -this : this;

    /// <summary>The largest integer whose power is not above a number.</summary>
    /// <param name="value">At least 0.</param>
    /// <param name="degree">Of the power, at least 1.</param>
    public static BigInteger FloorRoot(BigInteger value, int degree)
    {
        if (degree == 1 || value <= BigInteger.One) return value;

        // Newton's iteration from above, from a start within a factor of two.
        var root = BigInteger.One << (int)((value.GetBitLength() + degree - 1) / degree);
        while (true)
        {
            var next = ((degree - 1) * root + value / BigInteger.Pow(root, degree - 1)) / degree;
            if (next >= root) return root;
            root = next;
        }
    }

    /// <summary>The nearest double, to within two roundings; infinite past its range.</summary>
    public double ToDouble()
    {
        if (IsInteger) return (double)Numerator;
        var shift = Denominator.GetBitLength() - BigInteger.Abs(Numerator).GetBitLength() + 64;
        var quotient = shift >= 0 ? (Numerator << (int)shift) / Denominator : Numerator / (Denominator << (int)-shift);
        return Math.ScaleB((double)quotient, (int)-shift);
    }

    /// <inheritdoc/>
    public bool Equals(Rational other) => Numerator == other.Numerator && denominatorMinusOne == other.denominatorMinusOne;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Numerator, denominatorMinusOne);

    /// <inheritdoc/>
    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
