using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// Owned device memory: <paramref name="length"/> elements, not initialised. Copies are explicit and ordered on a stream.
/// </summary>
/// <param name="context">Where.</param>
/// <param name="length">Elements, at least 1.</param>
public sealed unsafe class CudaDeviceVariable<T>(CudaContext context, long length) : IDisposable
    where T : unmanaged
{
    private CUdeviceptr address = Allocate(context, length);

    /// <summary>The number of elements.</summary>
    public long Length { get; } = length;

    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => Length * sizeof(T);

    /// <summary>Whether the memory has been given back.</summary>
    public bool IsDisposed => address == default;

    /// <summary>The first element's address, aligned to 256 bytes.</summary>
    public CUdeviceptr DevicePointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(address == default, this);
            return address;
        }
    }

    /// <summary>Queues a copy from the host to the elements from <paramref name="offset"/>; the source may be reused on return.</summary>
    public void CopyToDevice(ReadOnlySpan<T> source, long offset, CudaStream stream)
    {
        BeginTransfer(offset, source.Length);
        fixed (T* pointer = source)
        {
            CudaCheck.ThrowIfFailed(CudaDriver.cuMemcpyHtoDAsync_v2(
                DevicePointer + (offset * sizeof(T)), pointer, (nuint)source.Length * (nuint)sizeof(T), stream.Handle));
        }
    }

    /// <summary>Copies to the host after all that the stream holds, and waits for it.</summary>
    public void CopyToHost(Span<T> destination, long offset, CudaStream stream)
    {
        BeginTransfer(offset, destination.Length);
        fixed (T* pointer = destination)
        {
            CudaCheck.ThrowIfFailed(CudaDriver.cuMemcpyDtoHAsync_v2(
                pointer, DevicePointer + (offset * sizeof(T)), (nuint)destination.Length * (nuint)sizeof(T), stream.Handle));
            stream.Synchronize();
        }
    }

    /// <summary>Queues a copy of <paramref name="count"/> elements from <paramref name="offset"/> to another place on the device.</summary>
    public void CopyToDevice(long offset, CudaDeviceVariable<T> destination, long destinationOffset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        destination.CheckRange(destinationOffset, count);
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemcpyDtoDAsync_v2(
            destination.DevicePointer + (destinationOffset * sizeof(T)), DevicePointer + (offset * sizeof(T)),
            (nuint)count * (nuint)sizeof(T), stream.Handle));
    }

    /// <summary>Queues setting <paramref name="count"/> elements from <paramref name="offset"/> to zero bytes.</summary>
    public void Zero(long offset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemsetD8Async(
            DevicePointer + (offset * sizeof(T)), 0, (nuint)count * (nuint)sizeof(T), stream.Handle));
    }

    /// <summary>Frees the memory, after waiting for the device.</summary>
    public void Dispose()
    {
        if (address == default) return;
        context.SetCurrent();
        var freed = address;
        address = default;
        CudaResources.AddAllocation(-1, -SizeInBytes);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuMemFree_v2(freed));
    }

    private static CUdeviceptr Allocate(CudaContext context, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemAlloc_v2(out var address, (nuint)length * (nuint)sizeof(T)));
        CudaResources.AddAllocation(1, length * sizeof(T));
        return address;
    }

    private void BeginTransfer(long offset, long count)
    {
        CheckRange(offset, count);
        context.SetCurrent();
    }

    private void CheckRange(long offset, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, Length, nameof(count));
    }
}
