using System.Numerics;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>A complex number in double precision with a bound on its error, so that cancellation is noticed and not taken for equality.</summary>
/// <param name="Value">The number.</param>
/// <param name="Error">How far from it the true value can be.</param>
internal readonly record struct Approximation(Complex Value, double Error)
{
    /// <summary>Twice the unit roundoff of double precision: a rounded operation, with room.</summary>
    public const double Epsilon = 4.5e-16;

    // Agreement to fewer digits than this is no evidence of equality.
    private const double MaxRelativeError = 1e-8;

    /// <summary>Whether the value is known well enough for decisions.</summary>
    public bool IsSharp => double.IsFinite(Error) && Complex.IsFinite(Value) && Error <= MaxRelativeError * Math.Max(1.0, Magnitude);

    /// <summary>The value's magnitude.</summary>
    public double Magnitude => Complex.Abs(Value);

    /// <summary>Whether the value can be real.</summary>
    public bool IsReal => Math.Abs(Value.Imaginary) <= Error;

    /// <summary>A rounded result.</summary>
    public static Approximation Rounded(Complex value, double error) => new(value, error + Epsilon * Complex.Abs(value));

    public static Approximation operator +(Approximation left, Approximation right) => Rounded(left.Value + right.Value, left.Error + right.Error);

    public static Approximation operator -(Approximation value) => new(-value.Value, value.Error);

    public static Approximation operator *(Approximation left, Approximation right) =>
        Rounded(left.Value * right.Value, left.Magnitude * right.Error + right.Magnitude * left.Error + left.Error * right.Error);

    /// <summary>The reciprocal.</summary>
    /// <returns>Null if the value can be 0.</returns>
    public Approximation? Reciprocal()
    {
        var magnitude = Magnitude;
        if (!(magnitude > 2.0 * Error) || magnitude < 1e-300) return null;
        return Rounded(Complex.One / Value, Error / (magnitude * (magnitude - Error)));
    }

    /// <summary>Whether both can be the same number, and are known well enough to say so.</summary>
    public bool Equals(Approximation other, double slack)
    {
        if (!IsSharp || !other.IsSharp) return false;
        return Complex.Abs(Value - other.Value) <= slack * (Error + other.Error);
    }
}
