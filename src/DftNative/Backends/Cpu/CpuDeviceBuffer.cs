using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>Host memory outside the managed heap, 64-byte aligned; on Linux, of huge pages where it fills them.</summary>
internal sealed unsafe class CpuDeviceBuffer : DeviceBuffer
{
    private readonly CpuBackend backend;
    private void* pointer;

    public CpuDeviceBuffer(CpuBackend backend, DataType dataType, long length, MemoryCategory category, string name)
        : base(dataType, length, category, name)
    {
        this.backend = backend;
        try
        {
            pointer = NativeMemory.AlignedAlloc((nuint)Math.Max(SizeInBytes, 1), SizeInBytes < HugePages.SizeInBytes ? 64u : HugePages.SizeInBytes);
        }
        catch (OutOfMemoryException exception)
        {
            throw new DftNativeException(
                ExitCode.Device, $"The CPU has no {SizeInBytes / 1048576.0:F0} MiB left for {name} ({category}); a smaller micro_batch_tokens or model needs less.", exception);
        }

        HugePages.Advise(pointer, SizeInBytes);
        NativeMemory.Clear(pointer, (nuint)SizeInBytes);
    }

    /// <summary>The first element.</summary>
    public void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return pointer;
        }
    }

    public override void Dispose()
    {
        if (pointer is null) return;
        NativeMemory.AlignedFree(pointer);
        pointer = null;
        backend.OnFreed(SizeInBytes);
    }
}
