using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// Device memory that is allocated and freed in the order of a stream, without waiting. What it gives must not be used on
/// another stream before that one waits for the allocation, nor after the memory's Dispose.
/// </summary>
public sealed unsafe class CudaMemoryPool : IDisposable
{
    private const int PinnedAllocation = 1;
    private const int DeviceLocation = 1;

    private readonly CudaContext context;
    private CUmemoryPool pool;

    /// <summary>Makes a pool.</summary>
    /// <param name="context">Where.</param>
    /// <param name="releaseThresholdInBytes">What it may keep, unused, when something waits for the device; the rest goes back.</param>
    /// <exception cref="CudaException">The device has no pools.</exception>
    public CudaMemoryPool(CudaContext context, long releaseThresholdInBytes = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(releaseThresholdInBytes);
        this.context = context;
        context.SetCurrent();
        var properties = new CUmemPoolProps
        {
            allocType = PinnedAllocation,
            location = new CUmemLocation { type = DeviceLocation, id = context.DeviceOrdinal },
        };
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemPoolCreate(out pool, &properties));
        CudaResources.AddMemoryPool(1);
        var threshold = (ulong)releaseThresholdInBytes;
        try
        {
            CudaCheck.ThrowIfFailed(
                CudaDriver.cuMemPoolSetAttribute(pool, CUmemPool_attribute.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD, &threshold));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Allocates memory for what comes after this on the stream. Its Dispose frees it on the same stream.</summary>
    /// <param name="length">Elements, at least 1.</param>
    /// <param name="stream">Where it is used.</param>
    /// <exception cref="CudaException">CUDA_ERROR_OUT_OF_MEMORY: the device has not so much.</exception>
    public CudaDeviceVariable<T> Allocate<T>(long length, CudaStream stream)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ObjectDisposedException.ThrowIf(pool == default, this);
        context.SetCurrent();
        var size = length * sizeof(T);
        CudaCheck.ThrowIfAllocationFailed(CudaDriver.cuMemAllocFromPoolAsync(out var address, (nuint)size, pool, stream.Handle), size);
        return new CudaDeviceVariable<T>(context, length, address, stream);
    }

    /// <summary>Asks the driver how many bytes are in use.</summary>
    public long GetUsedBytes() => Get(CUmemPool_attribute.CU_MEMPOOL_ATTR_USED_MEM_CURRENT);

    /// <summary>Asks the driver how many bytes the pool has taken from the device.</summary>
    public long GetReservedBytes() => Get(CUmemPool_attribute.CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);

    /// <summary>Gives the device what is not in use, down to so many bytes.</summary>
    public void TrimTo(long keptBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keptBytes);
        ObjectDisposedException.ThrowIf(pool == default, this);
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemPoolTrimTo(pool, (nuint)keptBytes));
    }

    /// <summary>Ends the pool. Memory of it that is still alive stays valid; its bytes go back when the last of it is freed.</summary>
    public void Dispose()
    {
        if (pool == default) return;
        context.SetCurrent();
        var ended = pool;
        pool = default;
        CudaResources.AddMemoryPool(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuMemPoolDestroy(ended));
    }

    private long Get(CUmemPool_attribute attribute)
    {
        ObjectDisposedException.ThrowIf(pool == default, this);
        context.SetCurrent();
        ulong value;
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemPoolGetAttribute(pool, attribute, &value));
        return (long)value;
    }
}
