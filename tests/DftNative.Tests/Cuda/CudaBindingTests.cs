using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

/// <summary>The owned layer: what it says when something is wrong, and that it gives everything back.</summary>
[TestFixture]
internal sealed class CudaBindingTests : CudaDeviceFixture
{
    private const string Copy = """
        #include "memory.cuh"
        extern "C" __global__ void __launch_bounds__(64) copy(const unsigned int* source, unsigned int* destination, int length) {
            const GlobalView<const unsigned int> from{source, length};
            const GlobalView<unsigned int> to{destination, length};
            const long long first = 4ll * (blockIdx.x * blockDim.x + threadIdx.x);
            if (first < length) store_packet(to, first, load_packet(from, first));
        }
        """;

    [Test]
    public void ARejectedKernelGivesTheLogWithFileAndLine()
    {
        const string text = "#include \"memory.cuh\"\nextern \"C\" __global__ void wrong() {\n    undeclared = 1;\n}\n";
        var exception = Assert.Throws<CudaCompilationException>(() => Device.CompileOnly("wrong.cu", text))!;
        Assert.That(exception.Message, Does.Contain("NVRTC_ERROR_COMPILATION").And.Match(@"wrong\.cu[:(]3").And.Contain("undeclared"));
    }

    [Test]
    public void AnUnknownOptionIsNamed() => Assert.That(
        () => Device.CompileOnly("copy.cu", Copy, "--no-such-option"),
        Throws.InstanceOf<CudaCompilationException>()
            .With.Message.Contains("NVRTC_ERROR_INVALID_OPTION").And.Message.Contains("--no-such-option"));

    [Test]
    public void AFailedLaunchNamesKernelGridAndBlock()
    {
        using var module = Device.Compile("copy.cu", Copy);
        using var data = Device.Allocate(64);
        var kernel = module.GetKernel("copy");
        var exception = Assert.Throws<CudaException>(() => kernel.Launch(
            new LaunchConfiguration(3, 128, 0, Device.Stream), data.DevicePointer, data.DevicePointer, 64))!;
        Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES), "128 threads, and launch bounds of 64");
        Assert.That(exception.Message, Does.Contain("copy").And.Contain("grid (3, 1, 1), block (128, 1, 1)"));
        Assert.That(
            () => kernel.Launch(new LaunchConfiguration(0, 64, 0, Device.Stream), data.DevicePointer, data.DevicePointer, 64),
            Throws.InstanceOf<CudaException>().With.Message.Contains("CUDA_ERROR_INVALID_VALUE"));
    }

    [Test]
    public void ALaunchWithOtherParametersThanTheKernelsIsRefused()
    {
        using var module = Device.Compile("copy.cu", Copy);
        using var data = Device.Allocate(64);
        var kernel = module.GetKernel("copy");
        var configuration = new LaunchConfiguration(1, 64, 0, Device.Stream);
        Assert.That(kernel.ParameterSizesInBytes, Is.EqualTo(new[] { 8, 8, 4 }));
        Assert.That(
            () => kernel.Launch(configuration, data.DevicePointer, data.DevicePointer),
            Throws.ArgumentException.With.Message.Contains("takes parameters of 8, 8, 4 bytes and was launched with 8, 8"));
        Assert.That(
            () => kernel.Launch(configuration, data.DevicePointer, data.DevicePointer, 64L), Throws.ArgumentException);
    }

    [Test]
    public void AKernelThatIsNotThereIsAnError()
    {
        using var module = Device.Compile("copy.cu", Copy);
        Assert.That(() => module.GetKernel("nothing"), Throws.InstanceOf<CudaException>().With.Message.Contains("CUDA_ERROR_NOT_FOUND"));
    }

    [Test]
    public void AForeignImageIsRefused()
    {
        var elf = new byte[64];
        "\u007fELF"u8.CopyTo(elf);
        var exception = Assert.Throws<CudaException>(() => new CudaModule(Device.Context, elf))!;
        Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU));
    }

    [Test]
    public void CodeForAnotherArchitectureIsRefused()
    {
        var program = CudaRuntimeCompiler.Compile(
            new CudaProgramSource("copy.cu", Copy), KernelSources.Headers, ["--gpu-architecture=sm_75", "--std=c++20"]);
        var exception = Assert.Throws<CudaException>(() => new CudaModule(Device.Context, program.Image))!;
        Assert.That(exception.Result, Is.EqualTo(CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU));
    }

    [Test]
    public void WorkWaitsForTheStreamInOrder()
    {
        using var module = Device.Compile("copy.cu", Copy);
        using var first = Device.Allocate(64);
        using var second = Device.Allocate(64);
        uint[] values = [.. Enumerable.Range(0, 64).Select(index => (uint)index * 7)];
        first.CopyToDevice(values, 0, Device.Stream);
        module.GetKernel("copy").Launch(
            new LaunchConfiguration(1, 32, 0, Device.Stream), first.DevicePointer, second.DevicePointer, 64);
        first.Zero(0, 64, Device.Stream);
        second.CopyToDevice(8, first, 0, 8, Device.Stream);

        var copied = new uint[64];
        second.CopyToHost(copied, 0, Device.Stream);
        Assert.That(copied, Is.EqualTo(values));
        first.CopyToHost(copied, 0, Device.Stream);
        Assert.That(copied[..8], Is.EqualTo(values[8..16]));
        Assert.That(copied[8..], Is.All.Zero);
    }

    [Test]
    public void ADeviceThatIsNotThereIsADeviceError()
    {
        var exception = Assert.Throws<DftNativeException>(() => new CudaBackend(1))!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.Device));
        Assert.That(exception.Message, Does.Contain("CUDA_ERROR_INVALID_DEVICE"));
    }

    [Test]
    public void TheBackendSaysThatTheDeviceIsEmulated()
    {
        using var backend = new CudaBackend();
        Assert.That(backend.IsEmulated);
        Assert.That(backend.Description, Does.StartWith("EMULATED"));
    }

    [Test]
    public void TheEmulatedGpuIsChosenByTheEnvironment()
    {
        const string variable = "DFTNATIVE_EMULATED_SM";
        if (Environment.GetEnvironmentVariable(variable) is { } chosen)
        {
            using var backend = new CudaBackend();
            Assert.That(backend.Description, Does.Contain($"EMULATED sm_{chosen} "));
            using var buffer = backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
            using var rstd = backend.Allocate(DataType.Float32, 1, MemoryCategory.Activations, "rstd");
            backend.ResidualRmsNormForward(
                buffer.AsMatrix(1, 64), default, buffer.AsVector(), default, buffer.AsMatrix(1, 64), rstd.AsVector(), epsilon: 4);
            var values = new float[1];
            backend.Download(rstd.AsVector(), values);
            Assert.That(values[0], Is.EqualTo(0.5f));
            return;
        }

        // The native side reads the environment once, so another GPU needs another process.
        var child = TestProcess.Run(
            GetType(), nameof(TheEmulatedGpuIsChosenByTheEnvironment), (variable, "90"), ("DFTNATIVE_EMULATOR_ORDER", "5"));
        Assert.That(child.ExitCode, Is.Zero, child.Output);
    }

    [Test]
    public void BuffersAreZeroedCountedAndGivenBack()
    {
        using var backend = new CudaBackend();
        var buffer = backend.Allocate(DataType.Float32, 100, MemoryCategory.Workspace, "scratch");
        var values = new float[100];
        values.AsSpan().Fill(1);
        backend.Download(buffer.AsVector(), values);
        Assert.That(values, Is.All.Zero);
        Assert.That(backend.AllocatedBytes, Is.EqualTo(400));
        buffer.Dispose();
        buffer.Dispose();
        Assert.That((backend.AllocatedBytes, backend.PeakAllocatedBytes), Is.EqualTo((0L, 400L)));
    }

    [Test]
    public void AnyThreadMayUseTheBackend()
    {
        using var backend = new CudaBackend();
        using var buffer = backend.Allocate(DataType.Int32, 4, MemoryCategory.Workspace, "scratch");
        var thread = new Thread(() => backend.Upload<int>([1, 2, 3, 4], buffer.AsVector()));
        thread.Start();
        thread.Join();
        var values = new int[4];
        backend.Download(buffer.AsVector(), values);
        Assert.That(values, Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }
}
