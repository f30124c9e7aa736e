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

    private static Vector256<uint> RoundToUpperHalf(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var upper = bits >> 16;
        var rounded = (bits + Vector256.Create(0x7FFFu) + (upper & Vector256<uint>.One)) >> 16;
        var quieted = upper | Vector256.Create(0x40u);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, quieted);
    }
}
