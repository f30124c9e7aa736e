using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The table of attention kernels.</summary>
[TestFixture]
internal sealed class AttentionKernelsTests
{
    /// <summary>CUDA C++ Programming Guide: what a block of sm_86 and sm_89 can have at most.</summary>
    private const int SmallestSharedMemory = 99 * 1024;

    [TestCase(8, 64)]
    [TestCase(64, 64)]
    [TestCase(72, 128)]
    [TestCase(128, 128)]
    public void TheNarrowestKernelsThatHoldAHeadAreTaken(int headDimension, int expected)
    {
        foreach (var capability in (Version[])[new(8, 0), new(8, 6), new(9, 0), new(12, 0)])
            Assert.That(AttentionKernels.For(capability, headDimension).HeadDimension, Is.EqualTo(expected));
    }

    [Test]
    public void ABlockFitsTheSmallestMultiprocessor([Values(64, 128)] int headDimension)
    {
        var set = AttentionKernels.For(new Version(8, 6), headDimension);
        foreach (var kernel in (AttentionKernel[])[set.Forward, set.Delta, set.KeyValueGradient, set.QueryGradient])
            Assert.That(kernel.SharedMemoryInBytes, Is.LessThanOrEqualTo(SmallestSharedMemory), kernel.Variant.ToString());
    }

    [Test]
    public void AWiderHeadHasNoKernel() =>
        Assert.That(() => AttentionKernels.For(new Version(9, 0), 136), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
