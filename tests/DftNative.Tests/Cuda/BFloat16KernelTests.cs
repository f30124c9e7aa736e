using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/bfloat16.cuh's conversion against what the PTX manual says of cvt.rn.bf16x2.f32.</summary>
[TestFixture]
[NonParallelizable]
[Category("Gpu")]
internal sealed class BFloat16KernelTests
{
    private const string Convert = """
        #include "bfloat16.cuh"
        extern "C" __global__ void convert(const unsigned int* source, unsigned int* pairs, int length) {
            const Packet floats = load_packet(GlobalView<const unsigned int>{source, length}, 4 * threadIdx.x);
            const GlobalView<unsigned int> view{pairs, length / 2};
            for (int i = 0; i < 2; i++) {
                store(view, 2 * threadIdx.x + i, to_bfloat16_pair(
                    __builtin_bit_cast(float, floats.words[2 * i]), __builtin_bit_cast(float, floats.words[2 * i + 1])));
            }
        }
        """;

    // fp32 bits, and the bf16 bits that round-to-nearest-even makes of them.
    private static readonly (uint Float, ushort BFloat16)[] Vectors =
    [
        (0x00000000, 0x0000), (0x80000000, 0x8000), // zeros keep their sign
        (0x3F800000, 0x3F80), (0xBF800000, 0xBF80), // 1, -1
        (0x3F808000, 0x3F80), (0x3F818000, 0x3F82), // ties go to the even neighbour, down and up
        (0x3F808001, 0x3F81), (0x3F817FFF, 0x3F81), // a bit above and below a tie
        (0xBF808000, 0xBF80), (0xBF818000, 0xBF82), // likewise below zero
        (0x3FFFFFFF, 0x4000), // the carry reaches the exponent
        (0x7F7FFFFF, 0x7F80), (0xFF7FFFFF, 0xFF80), // the largest fp32 overflow to infinity
        (0x7F7F7FFF, 0x7F7F), // the largest that does not
        (0x7F800000, 0x7F80), (0xFF800000, 0xFF80), // infinities
        (0x7FC00000, 0x7FFF), (0xFFC12345, 0x7FFF), (0x7F800001, 0x7FFF), // every NaN is the canonical one
        (0x00000001, 0x0000), (0x00008000, 0x0000), (0x00018000, 0x0002), (0x007FFFFF, 0x0080), // subnormals are kept
    ];

    [Test]
    public void RoundsAsTheManualSays()
    {
        KernelDevice.Require();
        using var device = new TestDevice();
        using var module = device.Compile("convert.cu", Convert);
        (uint Float, ushort BFloat16)[] padded = [.. Vectors, .. Enumerable.Repeat(Vectors[0], (4 - (Vectors.Length % 4)) % 4)];
        using var source = device.Allocate(padded.Length);
        using var pairs = device.Allocate(padded.Length / 2);
        source.CopyToDevice(padded.Select(vector => vector.Float).ToArray(), 0, device.Stream);
        module.GetKernel("convert").Launch(
            new LaunchConfiguration(1, padded.Length / 4, 0, device.Stream), source.DevicePointer, pairs.DevicePointer, padded.Length);

        var converted = new uint[padded.Length / 2];
        pairs.CopyToHost(converted, 0, device.Stream);
        Assert.That(
            converted.SelectMany(pair => new[] { (ushort)pair, (ushort)(pair >> 16) }),
            Is.EqualTo(padded.Select(vector => vector.BFloat16)));
    }
}
