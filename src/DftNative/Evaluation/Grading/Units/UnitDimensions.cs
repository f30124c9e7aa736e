namespace DftNative.Evaluation.Grading.Units;

/// <summary>Exponents of the base units.</summary>
/// <param name="Packed">The exponents, in two's complement of eight bits for each base unit.</param>
internal readonly record struct UnitDimensions(UInt128 Packed)
{
    private const int Bits = 8;
    private const int Mask = (1 << Bits) - 1;

    /// <summary>One base unit.</summary>
    public static UnitDimensions Of(BaseUnit unit) => default(UnitDimensions).With(unit, 1);

    /// <summary>The exponents of a product with a power of another unit.</summary>
    public UnitDimensions Plus(UnitDimensions other, int exponent)
    {
        var sum = this;
        for (var unit = BaseUnit.Metre; unit <= BaseUnit.Temperature; unit++) sum = sum.With(unit, sum.Exponent(unit) + other.Exponent(unit) * exponent);
        return sum;
    }

    private int Exponent(BaseUnit unit) => (sbyte)((Packed >> ((int)unit * Bits)) & Mask);

    private UnitDimensions With(BaseUnit unit, int exponent) =>
        new((Packed & ~((UInt128)Mask << ((int)unit * Bits))) | ((UInt128)(exponent & Mask) << ((int)unit * Bits)));
}
