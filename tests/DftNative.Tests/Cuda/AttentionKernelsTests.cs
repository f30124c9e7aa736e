using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The table of attention kernels.</summary>
[TestFixture]
internal sealed class AttentionKernelsTests
{
    [TestCase(8, 64)]
    [TestCase(64, 64)]
    [TestCase(72, 128)]
    [TestCase(128, 128)]
    public void TheNarrowestKernelsThatHoldAHeadAreTaken(int headDimension, int expected)
    {
        foreach (var capability in (Version[])[new(8, 0), new(8, 6), new(9, 0), new(12, 0)])
            Assert.That(AttentionKernels.For(capability, headDimension).HeadDimension, Is.EqualTo(expected));
    }

    /// <summary>CUDA C++ Programming Guide, "Technical Specifications per Compute Capability": shared memory of a block, KiB.</summary>
    [TestCase("8.0", 163)]
    [TestCase("8.6", 99)]
    [TestCase("8.9", 99)]
    [TestCase("9.0", 227)]
    [TestCase("10.0", 227)]
    [TestCase("12.0", 99)]
    public void ABlockFitsItsDevice(string computeCapability, int sharedMemory)
    {
        foreach (var kernel in AttentionKernels.For(new Version(computeCapability)))
            Assert.That(kernel.Block.SharedMemoryInBytes, Is.LessThanOrEqualTo(sharedMemory * 1024), kernel.Variant.ToString());
    }

    [TestCase("8.0", "8.0")]
    [TestCase("8.6", "8.6")]
    [TestCase("8.9", "8.6")]
    [TestCase("9.0", "9.0")]
    [TestCase("10.3", "9.0")]
    [TestCase("12.1", "12.0")]
    public void ADeviceHasTheRowOfItsKind(string computeCapability, string row)
    {
        foreach (var headDimension in (int[])[64, 128])
            Assert.That(AttentionKernels.For(new Version(computeCapability), headDimension).LeastComputeCapability, Is.EqualTo(new Version(row)));
    }

    [Test]
    public void AWiderHeadHasNoKernel() =>
        Assert.That(() => AttentionKernels.For(new Version(9, 0), 136), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
