using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>What is left of an fp32 sum in bf16 gradients, written out from the layout of the random bits' coordinates.</summary>
internal static class RoundedAddition
{
    /// <summary>Addition and group below, a bit, the pass and the step above.</summary>
    /// <param name="sum">The gradient before and what is added, in fp32.</param>
    /// <param name="rounding">Seed, step and pass.</param>
    /// <param name="addition">The pass's additions before it.</param>
    /// <param name="index">The element's place in its buffer.</param>
    public static double Of(float sum, GradientRounding rounding, int addition, long index)
    {
        var (x0, x1, x2, x3) = CounterRandom.Philox(
            rounding.Seed, ((ulong)addition << 40) + (ulong)(index / 8), (1UL << 63) + ((ulong)rounding.Pass << 32) + (ulong)rounding.Step);
        var word = (index % 8 / 2) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
        var bits = BitConverter.SingleToUInt32Bits(sum) + (index % 2 == 0 ? word & 0xFFFF : word >> 16);
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }
}
