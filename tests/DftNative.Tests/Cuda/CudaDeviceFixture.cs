using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>Tests of the owned layer on the emulator: a device for each, and the assertion that everything was given back.</summary>
[NonParallelizable]
internal abstract class CudaDeviceFixture
{
    /// <summary>The test's device.</summary>
    public TestDevice Device { get; private set; } = null!;

    [SetUp]
    public void OpenDevice()
    {
        CudaEmulator.Require();
        Device = new TestDevice();
    }

    [TearDown]
    public void CloseDevice()
    {
        Device?.Dispose();
        Assert.That((CudaResources.Total, CudaResources.AllocatedBytes), Is.EqualTo((0, 0L)), "nothing leaks");
    }
}
