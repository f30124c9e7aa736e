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
    public CudaModule Compile(string fileName, string text, params string[] options) =>
        new(Context, CompileOnly(fileName, text, options).Image);

    /// <summary>Compiles a text for the device.</summary>
    public CompiledProgram CompileOnly(string fileName, string text, params string[] options) => CudaRuntimeCompiler.Compile(
        new CudaProgramSource(fileName, text), KernelSources.Headers,
        [$"--gpu-architecture={KernelLibrary.ArchitectureOf(Context.ComputeCapability)}", "--std=c++20", "--fmad=false", .. options]);

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        Context.Dispose();
    }
}
