using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// Where one addition to bf16 gradients takes its random bits: Philox(Key, Low + group, High), eight elements a group. The
/// layout is that of kernels/stochastic_rounding.cuh.
/// </summary>
/// <param name="Key">The run's seed.</param>
/// <param name="Low">The addition within the pass in the upper 24 bits, the first element's group in the lower 40.</param>
/// <param name="High">A bit that AdamW's streams lack, then the pass in 31 bits and the step in 32.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RandomCounter(ulong Key, ulong Low, ulong High)
{
    /// <summary>Elements that share a group.</summary>
    public const int GroupLength = 8;

    /// <summary>More additions than a pass of any model has.</summary>
    public const int AdditionCount = 1 << 24;

    private const ulong GradientBit = 1UL << 63;

    /// <summary>The bits of an addition.</summary>
    /// <param name="rounding">The pass.</param>
    /// <param name="addition">Which of the pass, from 0, below <see cref="AdditionCount"/>.</param>
    /// <param name="firstElement">The first element's index in the arena, a multiple of 8 below 2⁴³.</param>
    public static RandomCounter Of(in GradientRounding rounding, int addition, long firstElement) => new(
        rounding.Seed,
        ((ulong)addition << 40) | (ulong)(firstElement / GroupLength),
        GradientBit | ((ulong)rounding.Pass << 32) | (uint)rounding.Step);
}
