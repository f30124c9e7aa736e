using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/stochastic_rounding.cuh by itself: numbers that an optimizer step hardly meets, and Philox's published vectors.</summary>
[TestFixture]
[NonParallelizable]
[Category("Gpu")]
internal sealed class StochasticRoundingKernelTests
{
    private const string Kernels = """
        #include "stochastic_rounding.cuh"
        extern "C" __global__ void round_all(const unsigned int* values, const unsigned int* random, unsigned int* rounded, int length) {
            const int i = threadIdx.x;
            const float value = __builtin_bit_cast(float, load(GlobalView<const unsigned int>{values, length}, i));
            const unsigned int bits = load(GlobalView<const unsigned int>{random, length}, i);
            store(GlobalView<unsigned int>{rounded, length}, i, static_cast<unsigned int>(round_stochastically(value, bits)));
        }
        extern "C" __global__ void draw(unsigned int* words, unsigned long long key, unsigned long long low, unsigned long long high) {
            const RandomBits random = philox(key, low, high);
            for (int i = 0; i < 4; i++) store(GlobalView<unsigned int>{words, 12}, i, random.words[i]);
            for (int i = 0; i < 8; i++) store(GlobalView<unsigned int>{words, 12}, 4 + i, random16(random, i));
        }
        """;

    // fp32 bits, 16 random bits, and the bf16 bits that come of them.
    private static readonly (uint Value, uint Random, uint Rounded)[] Vectors =
    [
        (0x3F800000, 0xFFFF, 0x3F80), (0x3F800001, 0xFFFE, 0x3F80), (0x3F800001, 0xFFFF, 0x3F81), // up by 1 chance in 65536
        (0x3F80FFFF, 0x0000, 0x3F80), (0x3F80FFFF, 0x0001, 0x3F81), // down by 1 chance
        (0xBF808000, 0x7FFF, 0xBF80), (0xBF808000, 0x8000, 0xBF81), // away from zero below it
        (0x00000000, 0xFFFF, 0x0000), (0x80000000, 0xFFFF, 0x8000), (0x00000001, 0xFFFF, 0x0001), // zeros stay, subnormals count
        (0x3FFFFFFF, 0x0001, 0x4000), (0x7F7FFFFF, 0x0001, 0x7F80), // the carry reaches the exponent
        (0x7F800000, 0xFFFF, 0x7F80), (0xFF800000, 0xFFFF, 0xFF80), // infinities
        (0x7FFFFFFF, 0xFFFF, 0x7FFF), (0xFFFFFFFF, 0x0001, 0xFFFF), (0x7FC00000, 0xFFFF, 0x7FC0), // NaN does not wrap round to zero
    ];

    [Test]
    public void RoundsUpWhereTheSumCarries()
    {
        KernelDevice.Require();
        using var device = new TestDevice();
        using var module = device.Compile("round_all.cu", Kernels);
        var length = Vectors.Length;
        using var values = device.Allocate(length);
        using var random = device.Allocate(length);
        using var rounded = device.Allocate(length);
        values.CopyToDevice(Vectors.Select(vector => vector.Value).ToArray(), 0, device.Stream);
        random.CopyToDevice(Vectors.Select(vector => vector.Random).ToArray(), 0, device.Stream);
        module.GetKernel("round_all").Launch(
            new LaunchConfiguration(1, length, 0, device.Stream), values.DevicePointer, random.DevicePointer, rounded.DevicePointer, length);
        var results = new uint[length];
        rounded.CopyToHost(results, 0, device.Stream);
        Assert.That(results, Is.EqualTo(Vectors.Select(vector => vector.Rounded)));
    }

    /// <summary>The known answers of philox4x32 with ten rounds from Random123, and the half words in their order.</summary>
    [TestCase(0ul, 0ul, 0ul, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [TestCase(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408F276Du, 0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [TestCase(0x299F31D0A4093822ul, 0x85A308D3243F6A88ul, 0x0370734413198A2Eul, 0xD16CFE09u, 0x94FDCCEBu, 0x5001E420u, 0x24126EA1u)]
    public void PhiloxGivesTheKnownAnswers(ulong key, ulong low, ulong high, uint x0, uint x1, uint x2, uint x3)
    {
        KernelDevice.Require();
        using var device = new TestDevice();
        using var module = device.Compile("draw.cu", Kernels);
        using var words = device.Allocate(12);
        module.GetKernel("draw").Launch(new LaunchConfiguration(1, 1, 0, device.Stream), words.DevicePointer, key, low, high);
        var results = new uint[12];
        words.CopyToHost(results, 0, device.Stream);
        uint[] expected = [x0, x1, x2, x3];
        Assert.That(results[..4], Is.EqualTo(expected));
        Assert.That(results[4..], Is.EqualTo(expected.SelectMany(word => (uint[])[word & 0xFFFF, word >> 16])));
        Assert.That(CounterRandom.Philox(key, low, high), Is.EqualTo((x0, x1, x2, x3)));
    }
}
