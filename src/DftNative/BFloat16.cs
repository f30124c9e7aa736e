using System.Globalization;
using System.Runtime.InteropServices;

namespace DftNative;

/// <summary>
/// The upper 16 bits of an IEEE 754 binary32: 8 exponent and 7 mantissa bits. The surface is the part of .NET 11's
/// <c>System.Numerics.BFloat16</c> that is needed here, under the same names.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 2)]
public readonly struct BFloat16 : IEquatable<BFloat16>, IComparable<BFloat16>
{
    private const ushort PositiveInfinityBits = 0x7F80;

    private readonly ushort bits;

    private BFloat16(ushort bits) => this.bits = bits;

    /// <summary>+∞.</summary>
    public static BFloat16 PositiveInfinity => new(PositiveInfinityBits);

    /// <summary>−∞.</summary>
    public static BFloat16 NegativeInfinity => new(0xFF80);

    /// <summary>A quiet NaN.</summary>
    public static BFloat16 NaN => new(0xFFC0);

    /// <summary>The largest finite value, about 3.39e38.</summary>
    public static BFloat16 MaxValue => new(0x7F7F);

    /// <summary>The smallest finite value.</summary>
    public static BFloat16 MinValue => new(0xFF7F);

    /// <summary>The smallest positive value, a subnormal.</summary>
    public static BFloat16 Epsilon => new(0x0001);

    /// <summary>0.</summary>
    public static BFloat16 Zero => default;

    /// <summary>1.</summary>
    public static BFloat16 One => new(0x3F80);

    /// <summary>Rounds to nearest, ties to even; a NaN stays a NaN of the same sign and leading payload bits.</summary>
    public static explicit operator BFloat16(float value)
    {
        var single = BitConverter.SingleToUInt32Bits(value);
        // Rounding would carry a NaN whose payload sits in the low bits into infinity or into a zero.
        if ((single & 0x7FFFFFFF) > 0x7F800000) return new BFloat16((ushort)((single >> 16) | 0x0040));
        return new BFloat16((ushort)((single + 0x7FFF + ((single >> 16) & 1)) >> 16));
    }

    /// <summary>Exact.</summary>
    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.bits << 16);

    /// <summary>Whether both are the same number; false for NaN, true for zeros of either sign.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == (float)right;

    /// <summary>The negation of ==.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> is the smaller number.</summary>
    public static bool operator <(BFloat16 left, BFloat16 right) => (float)left < (float)right;

    /// <summary>Whether <paramref name="left"/> is the greater number.</summary>
    public static bool operator >(BFloat16 left, BFloat16 right) => (float)left > (float)right;

    /// <summary>Whether <paramref name="left"/> is not the greater number.</summary>
    public static bool operator <=(BFloat16 left, BFloat16 right) => (float)left <= (float)right;

    /// <summary>Whether <paramref name="left"/> is not the smaller number.</summary>
    public static bool operator >=(BFloat16 left, BFloat16 right) => (float)left >= (float)right;

    /// <summary>The value with these bits.</summary>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>The bits of a value.</summary>
    public static ushort ToBits(BFloat16 value) => value.bits;

    /// <summary>Whether it is not a number.</summary>
    public static bool IsNaN(BFloat16 value) => (value.bits & 0x7FFF) > PositiveInfinityBits;

    /// <summary>Whether it is neither infinite nor NaN.</summary>
    public static bool IsFinite(BFloat16 value) => (value.bits & 0x7FFF) < PositiveInfinityBits;

    /// <inheritdoc/>
    public bool Equals(BFloat16 other) => ((float)this).Equals((float)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo((float)other);

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);
}
