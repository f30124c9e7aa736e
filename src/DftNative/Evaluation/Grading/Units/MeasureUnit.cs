using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Evaluation.Grading.Units;

/// <summary>A unit of measure as a product of base units.</summary>
/// <param name="Dimensions">The base units' exponents, by <see cref="BaseUnit"/>.</param>
/// <param name="Factor">How many base units one of it is.</param>
/// <param name="IsAngle">Whether the factor is in degrees of an angle, which are π/180.</param>
internal sealed record MeasureUnit(UnitDimensions Dimensions, Rational Factor, bool IsAngle = false)
{
    /// <summary>No unit of measure: a bare number, or a noun such as <c>apples</c>.</summary>
    public static MeasureUnit None { get; } = new(default, Rational.One);

    /// <summary>One hundredth.</summary>
    public static MeasureUnit Percent { get; } = new(default, new Rational(1, 100));

    /// <summary>A degree of an angle.</summary>
    public static MeasureUnit Degree { get; } = new(default, Rational.One, true);

    /// <summary>Whether it is no unit.</summary>
    public bool IsNone => this == None;

    /// <summary>Whether a value in it is a number: a percentage, an angle.</summary>
    public bool IsDimensionless => Dimensions == default;

    /// <summary>This unit times a power of another.</summary>
    public MeasureUnit Times(MeasureUnit other, int exponent) => new(Dimensions.Plus(other.Dimensions, exponent), Factor * other.Factor.Pow(exponent), IsAngle || other.IsAngle);
}
