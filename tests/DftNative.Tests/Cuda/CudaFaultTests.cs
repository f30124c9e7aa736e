using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>
/// A machine that has not what it takes, and kernels that fault: one message each, with what to do. A process reads its
/// environment and loads its libraries once, so each runs in its own.
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed class CudaFaultTests
{
    /// <summary>Set in the second process.</summary>
    private const string ChildVariable = "DFTNATIVE_TEST_CHILD";

    private const string Broken = """
        #include "memory.cuh"
        extern "C" __global__ void broken(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, length + threadIdx.x, 0u);
        }
        extern "C" __global__ void sound(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, threadIdx.x, 0u);
        }
        """;

    private static bool IsChild => Environment.GetEnvironmentVariable(ChildVariable) is not null;

    [SetUp]
    public void RequireEmulator()
    {
        if (!IsChild) CudaEmulator.Require();
    }

    [Test]
    public void NoDevice() => AssertBackendRefuses(
        nameof(NoDevice), ("DFTNATIVE_EMULATED_DEVICES", "0"), "CUDA_ERROR_NO_DEVICE", "no NVIDIA GPU is visible", "CUDA_VISIBLE_DEVICES");

    [Test]
    public void AnOldDriver() => AssertBackendRefuses(
        nameof(AnOldDriver), ("DFTNATIVE_EMULATED_DRIVER", "11.4"), "the driver is for CUDA 11.4", "12.0 is the oldest", "install NVIDIA's driver");

    [Test]
    public void AnNvrtcNewerThanTheDriver() => AssertBackendRefuses(
        nameof(AnNvrtcNewerThanTheDriver), ("DFTNATIVE_EMULATED_NVRTC", "13.0"),
        "NVRTC 13.0 makes code that a driver for CUDA 12.4 does not load", "install a newer driver, or NVRTC 12");

    [Test]
    public void TwoMajorsMixed() => AssertBackendRefuses(
        nameof(TwoMajorsMixed), ("DFTNATIVE_EMULATED_NVRTC", "11.8"), "NVRTC 11.8 and cuBLASLt 12.4.1 are of two major versions");

    [Test]
    public void AnOldDevice() => AssertBackendRefuses(
        nameof(AnOldDevice), ("DFTNATIVE_EMULATED_SM", "75"), "EMULATED sm_75", "compute capability 7.5", "8.0, an A100, RTX 30 or later");

    [Test]
    public void OutOfMemoryNamesTheCategory()
    {
        const string test = nameof(OutOfMemoryNamesTheCategory);
        if (RunsInChild(test, ("DFTNATIVE_EMULATED_MEMORY", $"{64 << 20}"))) return;
        using var backend = new CudaBackend();
        using var parameters = backend.Allocate(DataType.Float32, 1 << 20, MemoryCategory.Weights, "parameters");
        var exception = Assert.Throws<DftNativeException>(
            () => backend.Allocate(DataType.BFloat16, 100 << 20, MemoryCategory.Activations, "hidden states"))!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Device));
        Assert.That(exception.Message, Does.Contain("out of device memory: hidden states (Activations) needs 200 MiB"));
        Assert.That(exception.Message, Does.Contain("of the device's 64 MiB are free").And.Contain("micro_batch_tokens"));
    }

    [Test]
    public void AMissingDriverIsNamedWithEveryPath() => AssertMissing(
        nameof(AMissingDriverIsNamedWithEveryPath), "libcuda.so.1", "NVIDIA's driver library was not found", "libnvrtc.so.12");

    [Test]
    public void AMissingNvrtcIsNamedWithEveryPath() => AssertMissing(
        nameof(AMissingNvrtcIsNamedWithEveryPath), "libnvrtc.so.12", "NVRTC was not found", "libcuda.so.1", "libcublasLt.so.12");

    [Test]
    public void AMissingCublasLtIsNamedWithEveryPath() => AssertMissing(
        nameof(AMissingCublasLtIsNamedWithEveryPath), "libcublasLt.so.12", "cuBLASLt was not found", "libcuda.so.1", "libnvrtc.so.12");

    [Test]
    public void SynchronousModeNamesTheKernel()
    {
        if (RunsInChild(nameof(SynchronousModeNamesTheKernel), ("DFTNATIVE_SYNC", "1"))) return;
        using var device = new TestDevice();
        using var module = device.Compile("broken.cu", Broken);
        using var data = device.Allocate(32);
        module.GetKernel("sound").Launch(new LaunchConfiguration(1, 32, 0, device.Stream), data.DevicePointer, 32);
        var exception = Assert.Throws<CudaException>(() => module.GetKernel("broken").Launch(
            new LaunchConfiguration(3, 32, 0, device.Stream), data.DevicePointer, 32))!;
        Assert.That(exception.Message, Does.StartWith("kernel broken with grid (3, 1, 1), block (32, 1, 1)").And.Contain("CUDA_ERROR_LAUNCH_FAILED"));
        Assert.That(exception.Message, Does.Not.Contain("DFTNATIVE_SYNC"));
        Assert.That(exception.IsContextLost);
        Assert.That(() => data.Zero(0, 1, device.Stream), Throws.InstanceOf<CudaException>().With.Message.Contains("cuMemsetD8Async"));
    }

    [Test]
    public void WithoutItTheNextCallSaysThatItIsNotToBlame()
    {
        if (RunsInChild(nameof(WithoutItTheNextCallSaysThatItIsNotToBlame), ("DFTNATIVE_SYNC", "0"))) return;
        using var device = new TestDevice();
        using var module = device.Compile("broken.cu", Broken);
        using var data = device.Allocate(32);
        using var cublasLt = new CublasLt(device.Context, device.Stream);
        var sound = module.GetKernel("sound");
        data.Zero(0, 32, device.Stream);
        Multiply();
        module.GetKernel("broken").Launch(new LaunchConfiguration(3, 32, 0, device.Stream), data.DevicePointer, 32);
        foreach (var call in (Action[])
            [
                device.Stream.Synchronize, () => device.Allocate(1),
                () => sound.Launch(new LaunchConfiguration(1, 32, 0, device.Stream), data.DevicePointer, 32),
            ])
        {
            var exception = Assert.Throws<CudaException>(call)!;
            Assert.That(exception.IsContextLost);
            Assert.That(exception.Message, Does.Contain("the fault is of a kernel that was launched before: run with DFTNATIVE_SYNC=1"));
            Assert.That(exception.Message, Does.Contain("kernel broken, block (0,0,0)"), "the emulator tells at once");
        }

        var product = Assert.Throws<CudaException>(Multiply)!;
        Assert.That(product.Message, Does.Contain("EXECUTION_FAILED").And.Contain("may be of a kernel that was launched before: run with DFTNATIVE_SYNC=1"));

        void Multiply()
        {
            var matrix = new CublasLtMatrix(data.DevicePointer, 4, 8, 8, cudaDataType.CUDA_R_16BF);
            var result = new CublasLtMatrix(data.DevicePointer + 64, 4, 4, 4, cudaDataType.CUDA_R_32F);
            cublasLt.Multiply(matrix, false, matrix, true, result);
        }
    }

    [Test]
    public void ASoundCallThatFailsBlamesNoKernel()
    {
        using var device = new TestDevice();
        var exception = Assert.Throws<CudaException>(() => new CudaModule(device.Context, new byte[64]))!;
        Assert.That(exception.IsContextLost, Is.False);
        Assert.That(exception.Message, Does.Not.Contain("DFTNATIVE_SYNC"));
        Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU));
    }

    /// <summary>Each call of the driver that opening a device and making a pool takes fails once.</summary>
    [Test]
    public void NothingLeaksWhicheverCallFails()
    {
        var (objects, resources) = (CudaEmulator.LiveObjects(), CudaResources.Total);
        var (failures, isOpen) = (0, false);
        while (!isOpen && failures < 1000)
        {
            CudaEmulator.FailCall((ulong)failures + 1);
            try
            {
                using var backend = new CudaBackend();
                using var context = new CudaContext();
                using var pool = new CudaMemoryPool(context);
                isOpen = CudaEmulator.IsFailurePending();
                CudaEmulator.FailCall(0);
            }
            catch (Exception exception) when (exception is DftNativeException or CudaException)
            {
                failures++;
            }

            Assert.That((CudaEmulator.LiveObjects(), CudaResources.Total), Is.EqualTo((objects, resources)), $"after failure {failures}");
        }

        Assert.That(failures, Is.InRange(11, 999), "a context, a stream, cuBLASLt's workspace, the ring's memory and events, a pool and its threshold");
    }

    private static void AssertBackendRefuses(string test, (string, string) variable, params string[] expected)
    {
        if (RunsInChild(test, variable)) return;
        var exception = Assert.Throws<DftNativeException>(() => new CudaBackend())!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Device));
        foreach (var part in expected) Assert.That(exception.Message, Does.Contain(part));
        Assert.That(exception.Message, Does.Not.Contain("\n"));
        Assert.That(CudaResources.Total, Is.Zero);
    }

    /// <summary>A home with the other libraries alone; in the machine's own places there is none of the missing one.</summary>
    private static void AssertMissing(string test, string missing, string expected, params string[] present)
    {
        if (IsChild)
        {
            if (missing == "libcuda.so.1" && File.Exists("/dev/nvidiactl")) Assert.Ignore("this machine has a driver");
            AssertBackendRefuses(test, default, expected, missing, Environment.GetEnvironmentVariable("DFTNATIVE_CUDA_HOME")!);
            return;
        }

        var home = Directory.CreateTempSubdirectory("dftnative-cuda-home-").FullName;
        var emulator = Environment.GetEnvironmentVariable("DFTNATIVE_CUDA_HOME")!;
        try
        {
            foreach (var library in present) File.CreateSymbolicLink(Path.Combine(home, library), Path.Combine(emulator, library));
            Assert.That(RunsInChild(test, ("DFTNATIVE_CUDA_HOME", home)));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    /// <summary>Runs the test in a second process; false there, where the test's rest is done.</summary>
    private static bool RunsInChild(string test, (string Name, string Value) variable)
    {
        if (IsChild) return false;
        var child = TestProcess.Run(typeof(CudaFaultTests), test, variable, (ChildVariable, "1"));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
        return true;
    }
}
