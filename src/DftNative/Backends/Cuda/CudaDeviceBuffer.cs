using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>Memory of a GPU.</summary>
internal sealed class CudaDeviceBuffer : DeviceBuffer
{
    private readonly CudaBackend backend;
    private readonly bool ownsMemory;
    private CudaDeviceBuffer? asBFloat16;

    /// <summary>Allocates; the memory is not initialised.</summary>
    public CudaDeviceBuffer(CudaBackend backend, DataType dataType, long length, MemoryCategory category, string name)
        : base(dataType, length, category, name)
    {
        this.backend = backend;
        ownsMemory = true;
        Memory = new CudaDeviceVariable<byte>(backend.Context, Math.Max(SizeInBytes, 1));
    }

    /// <summary>Another buffer's memory as elements of another type. Owns nothing, and dies with that buffer.</summary>
    private CudaDeviceBuffer(CudaDeviceBuffer owner, DataType dataType)
        : base(dataType, owner.SizeInBytes / dataType.SizeInBytes(), owner.Category, owner.Name)
    {
        backend = owner.backend;
        Memory = owner.Memory;
    }

    /// <summary>The bytes; one where the buffer has none.</summary>
    public CudaDeviceVariable<byte> Memory { get; }

    /// <summary>
    /// The same memory as bf16, for an operation that writes results over its operand. The bytes are what they are: nothing
    /// is converted.
    /// </summary>
    public CudaDeviceBuffer AsBFloat16 => asBFloat16 ??= new CudaDeviceBuffer(this, DataType.BFloat16);

    /// <summary>Whether the buffer belongs to that backend.</summary>
    public bool BelongsTo(CudaBackend owner) => ReferenceEquals(backend, owner);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (ownsMemory) backend.Free(this);
    }
}
