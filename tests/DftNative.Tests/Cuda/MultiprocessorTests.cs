using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>Blocks of a multiprocessor, against cases worked out by hand.</summary>
[TestFixture]
internal sealed class MultiprocessorTests
{
    [TestCase("sm_80", 255, 128, 0, 2, TestName = "registers: 256 of 128 threads twice are all")]
    [TestCase("sm_80", 168, 128, 0, 3, TestName = "registers: 168 of 128 threads three times are 64512")]
    [TestCase("sm_80", 169, 128, 0, 2, TestName = "registers are given in eights")]
    [TestCase("sm_80", 32, 128, 80 * 1024, 2, TestName = "shared memory: 81 KiB twice of 164")]
    [TestCase("sm_86", 32, 128, 49 * 1024, 2, TestName = "shared memory: 50 KiB twice of 100")]
    [TestCase("sm_86", 32, 128, (49 * 1024) + 1, 1, TestName = "shared memory: a byte too much")]
    [TestCase("sm_90a", 32, 128, 113 * 1024, 2, TestName = "shared memory: 114 KiB twice of 228")]
    [TestCase("sm_86", 16, 1024, 0, 1, TestName = "warps: 32 of 48")]
    [TestCase("sm_89", 16, 32, 0, 24, TestName = "blocks")]
    public void HoldsSoManyBlocks(string architecture, int registers, int threads, int sharedMemory, int expected) =>
        Assert.That(Multiprocessor.Of(architecture).Blocks(registers, new KernelBlock(threads, sharedMemory)), Is.EqualTo(expected));
}
