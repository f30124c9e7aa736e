using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Backends;

/// <summary>Tests that are run once on the CPU and once on a GPU, an emulated one where there is no other.</summary>
internal abstract class BothBackends(bool onGpu)
{
    protected bool OnGpu => onGpu;

    protected IBackend Backend { get; private set; } = null!;

    [OneTimeSetUp]
    public void OpenBackend()
    {
        if (onGpu) KernelDevice.Require();
        Backend = onGpu ? new CudaBackend() : new CpuBackend(2);
    }

    [OneTimeTearDown]
    public void CloseBackend() => Backend?.Dispose();
}
