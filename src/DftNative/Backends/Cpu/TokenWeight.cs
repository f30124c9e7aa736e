using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>
/// The weight of a token among those to be drawn: e^x of its logit's distance to the largest. Sums are of whole units
/// of 2⁻⁴⁴ and so exact, in any order and on any device: kernels/token_weight.cuh computes the same bits.
/// </summary>
internal static class TokenWeight
{
    /// <summary>Below it a weight is 0, so that every other one is at least half a unit.</summary>
    private const float LeastLogarithm = -31;

    /// <summary>Numbers of this size have steps of 1: added, it rounds to whole numbers and leaves them in the last bits.</summary>
    private const double RoundsToWhole = 1L << 52;

    /// <summary>e^((logit − largest)·inverseTemperature), at most 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> logits, Vector512<float> largest, Vector512<float> inverseTemperature)
    {
        var x = (logits - largest) * inverseTemperature;
        return Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512.Create(LeastLogarithm)), SimdMath.Exp(x), Vector512<float>.Zero);
    }

    /// <summary>The units of a weight, to nearest (ties to even).</summary>
    public static ulong Units(float weight) =>
        BitConverter.DoubleToUInt64Bits((weight * TokenDraw.UnitsOfOne) + RoundsToWhole) - BitConverter.DoubleToUInt64Bits(RoundsToWhole);

    /// <summary>The units of sixteen weights, those of each half added, above a bias that <see cref="WithoutBias"/> takes off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> BiasedUnits(Vector512<float> weights)
    {
        var (lower, upper) = Vector512.Widen(weights);
        var (scale, bias) = (Vector512.Create(TokenDraw.UnitsOfOne), Vector512.Create(RoundsToWhole));
        return ((lower * scale) + bias).AsUInt64() + ((upper * scale) + bias).AsUInt64();
    }

    /// <summary>The sum over all lanes of so many vectors' <see cref="BiasedUnits"/>, without their bias.</summary>
    public static ulong WithoutBias(Vector512<ulong> sum, int vectors) =>
        unchecked(Vector512.Sum(sum) - ((ulong)vectors * SimdMath.Width * BitConverter.DoubleToUInt64Bits(RoundsToWhole)));
}
