namespace DftNative.Tests.Cuda;

/// <summary>
/// The attention kernels of the other rows of the table: an emulated device is of one kind for a whole process, and this
/// one's is an sm_80.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed class AttentionArchitectureTests
{
    [Test]
    public void OtherDevicesPassTheSameTests(
        [Values("86", "90")] string architecture, [Values(typeof(AttentionForwardTests), typeof(AttentionBackwardTests))] Type fixture)
    {
        CudaEmulator.Require();
        var child = TestProcess.RunQuick(fixture, ("DFTNATIVE_EMULATED_SM", architecture));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
        Assert.That(child.Output, Does.Match("succeeded: [1-9]").And.Match("failed: 0"));
    }
}
