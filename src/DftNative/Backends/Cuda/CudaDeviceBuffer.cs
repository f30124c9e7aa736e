using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>Memory of a GPU.</summary>
internal sealed class CudaDeviceBuffer : DeviceBuffer
{
    private readonly CudaBackend backend;

    /// <summary>Allocates; the memory is not initialised.</summary>
    public CudaDeviceBuffer(CudaBackend backend, DataType dataType, long length, MemoryCategory category, string name)
        : base(dataType, length, category, name)
    {
        this.backend = backend;
        Memory = new CudaDeviceVariable<byte>(backend.Context, Math.Max(SizeInBytes, 1));
    }

    /// <summary>The bytes; one where the buffer has none.</summary>
    public CudaDeviceVariable<byte> Memory { get; }

    /// <summary>Whether the buffer belongs to that backend.</summary>
    public bool BelongsTo(CudaBackend owner) => ReferenceEquals(backend, owner);

    /// <inheritdoc/>
    public override void Dispose() => backend.Free(this);
}
