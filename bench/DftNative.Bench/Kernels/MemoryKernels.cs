using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Bench.Kernels;

/// <summary>ceiling.cu on a device, and the memory that it goes over: more than any device's caches hold.</summary>
internal sealed class MemoryKernels : IDisposable
{
    private const int Threads = 512;
    private const int BlocksPerMultiprocessor = 4;

    private readonly CudaModule module;
    private readonly CudaKernel copy, read;
    private readonly CudaDeviceVariable<uint> source, destination;
    private readonly CudaStream stream;
    private readonly int blocks;

    /// <summary>Compiles the kernels and fills the memory.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="sizeInBytes">Of the memory read, and of that written; a multiple of 16.</param>
    public MemoryKernels(CudaBackend backend, long sizeInBytes)
    {
        var context = backend.Context;
        (stream, SizeInBytes) = (backend.Stream, sizeInBytes);
        using var text = new StreamReader(typeof(MemoryKernels).Assembly.GetManifestResourceStream("ceiling.cu")!);
        var architecture = KernelLibrary.ArchitectureOf(context.ComputeCapability);
        module = new CudaModule(context, CudaRuntimeCompiler.Compile(
            new CudaProgramSource("ceiling.cu", text.ReadToEnd()), KernelSources.Headers,
            [$"--gpu-architecture={architecture}", "--std=c++20", "--fmad=false"]).Image);
        (copy, read) = (module.GetKernel("copy_packets"), module.GetKernel("read_packets"));
        source = new CudaDeviceVariable<uint>(context, sizeInBytes / sizeof(uint));
        destination = new CudaDeviceVariable<uint>(context, sizeInBytes / sizeof(uint));
        blocks = BlocksPerMultiprocessor * context.MultiprocessorCount;
        Words = new uint[1 << 18];
        var random = new Random(1);
        for (var i = 0; i < Words.Length; i++) Words[i] = (uint)random.NextInt64(1L << 32);
        for (long start = 0; start < source.Length; start += Words.Length)
            source.CopyToDevice(Words.AsSpan(0, (int)Math.Min(Words.Length, source.Length - start)), start, stream);
    }

    /// <summary>Bytes that a copy reads, and as many that it writes.</summary>
    public long SizeInBytes { get; }

    /// <summary>What the memory that is copied holds, repeated.</summary>
    public uint[] Words { get; }

    /// <summary>Queues the copy.</summary>
    public void Copy() => copy.Launch(
        new LaunchConfiguration(blocks, Threads, 0, stream), source.DevicePointer, destination.DevicePointer, SizeInBytes / 16);

    /// <summary>Queues the read that leaves the caches full of something else.</summary>
    public void FlushCaches() => read.Launch(
        new LaunchConfiguration(blocks, Threads, 0, stream), source.DevicePointer, destination.DevicePointer, SizeInBytes / 16);

    /// <summary>Whether the copy is one.</summary>
    public bool IsCopied()
    {
        var copied = new uint[Math.Min(Words.Length, destination.Length)];
        destination.CopyToHost(copied, destination.Length - copied.Length, stream);
        var first = (destination.Length - copied.Length) % Words.Length;
        return copied.Index().All(word => word.Item == Words[(first + word.Index) % Words.Length]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        destination.Dispose();
        source.Dispose();
        module.Dispose();
    }
}
