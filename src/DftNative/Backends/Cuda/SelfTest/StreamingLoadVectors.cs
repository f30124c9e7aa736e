namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>load_packet_streaming and load_streaming. PTX ISA, ld.global.cs: the bytes, lowest address lowest.</summary>
internal static class StreamingLoadVectors
{
    private const int Words = 32 * 4;

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        uint[] input = [.. Enumerable.Range(0, Words).Select(word => 0x9E37_79B1 * (uint)(word + 1))];
        ExpectedWord[] expected = [.. input.Select(ExpectedWord.Exactly)];
        return new SelfTestLaunch(
            SelfTestKernels.StreamingLoads, input, 0,
            [
                new SelfTestCheck("load_packet_streaming", "ld.global.cs.v4.u32", expected),
                new SelfTestCheck("load_streaming of 8 bytes", "ld.global.cs.u64", expected),
                new SelfTestCheck("load_streaming of 4 bytes", "ld.global.cs.u32", expected),
                new SelfTestCheck("load_streaming of 2 bytes", "ld.global.cs.u16", expected),
            ]);
    }
}
