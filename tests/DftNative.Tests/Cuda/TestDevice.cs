using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>A context with a stream, for kernels that a test writes itself.</summary>
internal sealed class TestDevice : IDisposable
{
    /// <summary>Makes both.</summary>
    public TestDevice() => Stream = new CudaStream(Context);

    /// <summary>The Context.</summary>
    public CudaContext Context { get; } = new();

    /// <summary>Where the test's work is queued.</summary>
    public CudaStream Stream { get; }

    /// <summary>Allocates.</summary>
    public CudaDeviceVariable<uint> Allocate(int length) => new(Context, length);

    /// <summary>Compiles a text, with the headers of kernels/, and loads it.</summary>
    public CudaModule Compile(string fileName, string text, params string[] options) => CudaProgramCache.Default.Load(
        Context, new CudaProgramSource(fileName, text), KernelSources.Headers, Options(options));

    /// <summary>Compiles a text for the device.</summary>
    public CompiledProgram CompileOnly(string fileName, string text, params string[] options) => CudaProgramCache.Default.Compile(
        new CudaProgramSource(fileName, text), KernelSources.Headers, Options(options));

    private string[] Options(string[] more) =>
        [$"--gpu-architecture={KernelLibrary.ArchitectureOf(Context.ComputeCapability)}", "--std=c++20", "--fmad=false", .. more];

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        Context.Dispose();
    }
}
