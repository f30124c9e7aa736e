using System.Runtime.InteropServices;
using DftNative.Models;

namespace DftNative.Bench.CheckpointIo;

/// <summary>
/// Values that are a function of (arena, parameter, index), made faster than a disk reads and no two alike near each other,
/// so that a part in the wrong place is seen.
/// </summary>
/// <param name="layout">The parameters.</param>
/// <param name="arena">Another number gives other values.</param>
/// <param name="isFloat">Whether all bits of an fp32 are used; else those of bf16.</param>
internal sealed class GeneratedWeights(ParameterLayout layout, int arena, bool isFloat)
{
    private readonly Dictionary<string, uint> seeds = layout.Tensors
        .Select((tensor, index) => (tensor.Name, Seed: (uint)((arena * layout.Tensors.Count) + index + 1) * 0x9E3779B1u))
        .ToDictionary(pair => pair.Name, pair => pair.Seed, StringComparer.Ordinal);

    // Sign and mantissa; the exponent is that of numbers from 2^-8 to 2^-7, or one more.
    private readonly uint randomBits = isFloat ? 0x80FF_FFFFu : 0x80FF_0000u;

    /// <summary>Gives elements of a parameter. Any thread may call it.</summary>
    public void Read(string name, long start, Span<float> destination)
    {
        var (seed, mask) = (seeds[name], randomBits);
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        for (var i = 0; i < bits.Length; i++)
        {
            var mixed = ((uint)(start + i) * 0x85EBCA6Bu) ^ seed;
            mixed ^= mixed >> 15;
            bits[i] = (mixed & mask) | 0x3B80_0000u;
        }
    }

    /// <summary>Whether the values are those of <see cref="Read"/>.</summary>
    public bool Matches(string name, long start, ReadOnlySpan<float> values, float[] scratch)
    {
        Read(name, start, scratch.AsSpan(0, values.Length));
        return MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(scratch.AsSpan(0, values.Length)));
    }
}
