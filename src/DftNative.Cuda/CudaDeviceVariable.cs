using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>Owned device memory, not initialised. Copies are explicit and ordered on a stream.</summary>
public sealed unsafe class CudaDeviceVariable<T> : IDisposable
    where T : unmanaged
{
    private readonly CudaContext context;
    private readonly CudaStream? owner;
    private CUdeviceptr address;

    /// <summary>Allocates.</summary>
    /// <param name="context">Where.</param>
    /// <param name="length">Elements, at least 1.</param>
    /// <exception cref="CudaException">CUDA_ERROR_OUT_OF_MEMORY: the device has not so much.</exception>
    public CudaDeviceVariable(CudaContext context, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        this.context = context;
        Length = length;
        context.SetCurrent();
        CudaCheck.ThrowIfAllocationFailed(CudaDriver.cuMemAlloc_v2(out address, SizeOf(length)), SizeInBytes);
        CudaResources.AddAllocation(1, SizeInBytes);
    }

    /// <summary>Takes over memory of a pool, which goes back on that stream.</summary>
    internal CudaDeviceVariable(CudaContext context, long length, CUdeviceptr address, CudaStream owner)
    {
        this.context = context;
        this.owner = owner;
        this.address = address;
        Length = length;
        CudaResources.AddAllocation(1, SizeInBytes);
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

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

    /// <summary>
    /// Copies from the host to the elements from <paramref name="offset"/>, after all that the stream holds, and waits for it:
    /// CUDA does not promise that pageable memory has been read when the call returns, and where the device reads it by
    /// itself (HMM) it has not been. <see cref="QueueCopyToDevice"/> does not wait.
    /// </summary>
    public void CopyToDevice(ReadOnlySpan<T> source, long offset, CudaStream stream)
    {
        BeginTransfer(offset, source.Length);
        fixed (T* pointer = source)
        {
            CudaCheck.ThrowIfFailed(
                CudaDriver.cuMemcpyHtoDAsync_v2(AddressOf(offset), pointer, SizeOf(source.Length), stream.Handle));
            stream.Synchronize();
        }
    }

    /// <summary>Copies to the host after all that the stream holds, and waits for it.</summary>
    public void CopyToHost(Span<T> destination, long offset, CudaStream stream)
    {
        BeginTransfer(offset, destination.Length);
        fixed (T* pointer = destination)
        {
            CudaCheck.ThrowIfFailed(
                CudaDriver.cuMemcpyDtoHAsync_v2(pointer, AddressOf(offset), SizeOf(destination.Length), stream.Handle));
            stream.Synchronize();
        }
    }

    /// <summary>Queues a copy of <paramref name="count"/> elements from <paramref name="offset"/> to another place on the device.</summary>
    public void CopyToDevice(long offset, CudaDeviceVariable<T> destination, long destinationOffset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        destination.CheckRange(destinationOffset, count);
        CudaCheck.ThrowIfQueueingFailed(
            CudaDriver.cuMemcpyDtoDAsync_v2(destination.AddressOf(destinationOffset), AddressOf(offset), SizeOf(count), stream.Handle),
            stream.Handle);
    }

    /// <summary>
    /// Queues a copy from page-locked memory: <paramref name="count"/> elements from <paramref name="sourceOffset"/> to those
    /// from <paramref name="offset"/>. The source must stay as it is until the stream has come so far.
    /// </summary>
    public void QueueCopyToDevice(CudaPageLockedHostMemory<T> source, long sourceOffset, long offset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        CudaCheck.ThrowIfQueueingFailed(
            CudaDriver.cuMemcpyHtoDAsync_v2(AddressOf(offset), source.AddressOf(sourceOffset, count), SizeOf(count), stream.Handle),
            stream.Handle);
    }

    /// <summary>
    /// Queues a copy to page-locked memory, as <see cref="QueueCopyToDevice"/> from it. The numbers are there once the
    /// stream, or an event recorded after this, has been waited for.
    /// </summary>
    public void QueueCopyToHost(CudaPageLockedHostMemory<T> destination, long destinationOffset, long offset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        CudaCheck.ThrowIfQueueingFailed(
            CudaDriver.cuMemcpyDtoHAsync_v2(destination.AddressOf(destinationOffset, count), AddressOf(offset), SizeOf(count), stream.Handle),
            stream.Handle);
    }

    /// <summary>Queues setting <paramref name="count"/> elements from <paramref name="offset"/> to zero bytes.</summary>
    public void Zero(long offset, long count, CudaStream stream)
    {
        BeginTransfer(offset, count);
        CudaCheck.ThrowIfQueueingFailed(
            CudaDriver.cuMemsetD8Async(AddressOf(offset), 0, SizeOf(count), stream.Handle), stream.Handle);
    }

    /// <summary>Frees the memory, after waiting for the device; a pool's goes back on its stream, without waiting.</summary>
    public void Dispose()
    {
        if (address == default) return;
        context.SetCurrent();
        var freed = address;
        address = default;
        CudaResources.AddAllocation(-1, -SizeInBytes);
        if (owner is { IsDisposed: false }) CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuMemFreeAsync(freed, owner.Handle));
        else CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuMemFree_v2(freed));
    }

    private static nuint SizeOf(long count) => (nuint)count * (nuint)sizeof(T);

    private CUdeviceptr AddressOf(long offset) => DevicePointer + (offset * sizeof(T));

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
