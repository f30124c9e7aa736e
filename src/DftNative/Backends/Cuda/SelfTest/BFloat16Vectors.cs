namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// to_bfloat16_pair. PTX ISA, cvt.rn.bf16x2.f32 d, a, b: to nearest with ties to even, a in the upper half of d and b in the
/// lower; subnormal numbers are kept, what is beyond the largest number becomes infinite, and NaN the canonical 0x7FFF.
/// </summary>
internal static class BFloat16Vectors
{
    private static readonly (uint Float, ushort BFloat16)[] Vectors =
    [
        (0x0000_0000, 0x0000), (0x8000_0000, 0x8000),
        (0x3F80_0000, 0x3F80), (0xC049_0000, 0xC049), // exact
        (0x3F80_7FFF, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F80_8001, 0x3F81), // below, on and above a tie over an even number
        (0x3F81_7FFF, 0x3F81), (0x3F81_8000, 0x3F82), (0x3F81_8001, 0x3F82), // over an odd one
        (0xBF80_8000, 0xBF80), (0xBF81_8000, 0xBF82), (0xBF80_8001, 0xBF81),
        (0x3FFF_8000, 0x4000), (0x407F_FFFF, 0x4080), // the carry reaches the exponent
        (0x7F7F_7FFF, 0x7F7F), (0x7F7F_8000, 0x7F80), (0xFF7F_FFFF, 0xFF80), // the largest finite one, and beyond
        (0x7F80_0000, 0x7F80), (0xFF80_0000, 0xFF80),
        (0x7F80_0001, 0x7FFF), (0x7FC0_0000, 0x7FFF), (0xFFFF_FFFF, 0x7FFF), (0xFF80_0001, 0x7FFF),
        (0x0000_0001, 0x0000), (0x0000_8000, 0x0000), (0x0000_8001, 0x0001), (0x8001_8000, 0x8002), // subnormal
        (0x007F_FFFF, 0x0080), (0x0080_8000, 0x0080), (0x8000_7FFF, 0x8000), // and next to it
    ];

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        // Each number in either half, beside another.
        var highs = Enumerable.Range(0, Vectors.Length).Select(index => Vectors[((7 * index) + 3) % Vectors.Length]).ToArray();
        var pairs = Vectors.Zip(highs, (low, high) => (Low: low, High: high)).ToArray();
        return new SelfTestLaunch(
            SelfTestKernels.ToBFloat16Pair, [.. pairs.SelectMany(pair => new[] { pair.Low.Float, pair.High.Float })], 0,
            [
                new SelfTestCheck(
                    "to_bfloat16_pair", "cvt.rn.bf16x2.f32",
                    [.. pairs.Select(pair => ExpectedWord.Exactly(pair.Low.BFloat16 | ((uint)pair.High.BFloat16 << 16)))]),
            ]);
    }
}
