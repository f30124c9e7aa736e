namespace DftNative.Tests.Cuda;

/// <summary>Tests that are to run on a GPU do not pass, and are not skipped, on something else.</summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed class KernelDeviceTests
{
    [Test]
    public void ARequiredGpuThatIsNotThereIsAFailure()
    {
        CudaEmulator.Require();
        var child = TestProcess.Run(typeof(BFloat16KernelTests), nameof(BFloat16KernelTests.RoundsAsTheManualSays), ("DFTNATIVE_REQUIRE_GPU", "1"));
        Assert.That(child.ExitCode, Is.Not.Zero);
        Assert.That(child.Output, Does.Contain("DFTNATIVE_REQUIRE_GPU=1: EMULATED").And.Contain("is no GPU"));
    }
}
