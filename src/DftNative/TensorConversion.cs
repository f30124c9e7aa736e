using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DftNative;

/// <summary>Vectorised conversions between the floating-point types of checkpoints and devices.</summary>
public static class TensorConversion
{
    /// <summary>bf16 to fp32; exact.</summary>
    /// <param name="source">[n] bf16.</param>
    /// <param name="destination">[≥ n] fp32, written.</param>
    public static void ConvertToSingle(ReadOnlySpan<BFloat16> source, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, destination.Length, nameof(source));
        var bits = MemoryMarshal.Cast<BFloat16, ushort>(source);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Vector256.Widen(Vector256.Create(bits[i..]));
            (lower << 16).AsSingle().CopyTo(destination[i..]);
            (upper << 16).AsSingle().CopyTo(destination[(i + Vector256<uint>.Count)..]);
        }

        for (; i < source.Length; i++) destination[i] = (float)source[i];
    }

    /// <summary>fp16 to fp32; exact.</summary>
    /// <param name="source">[n] fp16.</param>
    /// <param name="destination">[≥ n] fp32, written.</param>
    public static void ConvertToSingle(ReadOnlySpan<Half> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(source, destination);

    /// <summary>fp32 to bf16, to nearest, ties to even; NaN stays NaN.</summary>
    /// <param name="source">[n] fp32.</param>
    /// <param name="destination">[≥ n] bf16, written.</param>
    public static void ConvertToBFloat16(ReadOnlySpan<float> source, Span<BFloat16> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, destination.Length, nameof(source));
        var bits = MemoryMarshal.Cast<BFloat16, ushort>(destination);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var lower = RoundToUpperHalf(Vector256.Create(source[i..]));
            var upper = RoundToUpperHalf(Vector256.Create(source[(i + Vector256<float>.Count)..]));
            Vector256.Narrow(lower, upper).CopyTo(bits[i..]);
        }

        for (; i < source.Length; i++) destination[i] = (BFloat16)source[i];
    }

    /// <summary>fp32 to fp16, to nearest, ties to even; what is too large becomes infinite.</summary>
    /// <param name="source">[n] fp32.</param>
    /// <param name="destination">[≥ n] fp16, written.</param>
    public static void ConvertToHalf(ReadOnlySpan<float> source, Span<Half> destination) =>
        TensorPrimitives.ConvertToHalf(source, destination);

    /// <summary>
    /// fp32 into bf16 and what it lacks: high = (bits + 0x8000) &gt;&gt; 16, which is the value rounded to nearest, ties away
    /// from zero, and low = bits − (high &lt;&lt; 16), so that the pair is exact. A NaN stays one, without its payload.
    /// </summary>
    /// <param name="source">[n] fp32.</param>
    /// <param name="high">[≥ n] bf16, written.</param>
    /// <param name="low">[≥ n] int16, written.</param>
    public static void SplitSingle(ReadOnlySpan<float> source, Span<BFloat16> high, Span<short> low)
    {
        var highBits = MemoryMarshal.Cast<BFloat16, ushort>(high);
        var lowBits = MemoryMarshal.Cast<short, ushort>(low);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (firstHigh, firstLow) = Split(Vector256.Create(source[i..]));
            var (secondHigh, secondLow) = Split(Vector256.Create(source[(i + Vector256<float>.Count)..]));
            Vector256.Narrow(firstHigh, secondHigh).CopyTo(highBits[i..]);
            Vector256.Narrow(firstLow, secondLow).CopyTo(lowBits[i..]);
        }

        for (; i < source.Length; i++)
        {
            var (lastHigh, lastLow) = Split(Vector256.Create(source[i]));
            highBits[i] = (ushort)lastHigh[0];
            lowBits[i] = (ushort)lastLow[0];
        }
    }

    /// <summary>The inverse of <see cref="SplitSingle"/>; exact.</summary>
    /// <param name="high">[n] bf16.</param>
    /// <param name="low">[n] int16.</param>
    /// <param name="destination">[≥ n] fp32, written.</param>
    public static void JoinSingle(ReadOnlySpan<BFloat16> high, ReadOnlySpan<short> low, Span<float> destination)
    {
        var highBits = MemoryMarshal.Cast<BFloat16, ushort>(high);
        var i = 0;
        for (; i <= high.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (firstHigh, secondHigh) = Vector256.Widen(Vector256.Create(highBits[i..]));
            var (firstLow, secondLow) = Vector256.Widen(Vector256.Create(low[i..]));
            ((firstHigh << 16) + firstLow.AsUInt32()).AsSingle().CopyTo(destination[i..]);
            ((secondHigh << 16) + secondLow.AsUInt32()).AsSingle().CopyTo(destination[(i + Vector256<uint>.Count)..]);
        }

        for (; i < high.Length; i++)
            destination[i] = BitConverter.UInt32BitsToSingle(((uint)highBits[i] << 16) + (uint)low[i]);
    }

    private static (Vector256<uint> High, Vector256<uint> Low) Split(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var isNumber = Vector256.Equals(value, value).AsUInt32();
        // Rounding would carry a NaN whose payload sits in the low bits into a zero.
        var high = Vector256.ConditionalSelect(isNumber, (bits + Vector256.Create(0x8000u)) >> 16, (bits >> 16) | Vector256.Create(0x40u));
        return (high, bits & Vector256.Create(0xFFFFu) & isNumber);
    }

    private static Vector256<uint> RoundToUpperHalf(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var upper = bits >> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >> 16;
        var quieted = upper | Vector256.Create(0x40u);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, quieted);
    }
}
