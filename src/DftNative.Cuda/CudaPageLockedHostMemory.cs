using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// Owned page-locked host memory, not initialised: the device copies to and from it while the host goes on. Who waits for a
/// copy, and when, is the caller's: an element that a queued copy has still to read or write is nobody else's.
/// </summary>
public sealed unsafe class CudaPageLockedHostMemory<T> : IDisposable
    where T : unmanaged
{
    private const uint Portable = 1;

    private readonly CudaContext context;
    private void* address;

    /// <summary>Allocates.</summary>
    /// <param name="context">Where it is used.</param>
    /// <param name="length">Elements, at least 1.</param>
    public CudaPageLockedHostMemory(CudaContext context, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        this.context = context;
        Length = length;
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuMemHostAlloc(out address, (nuint)SizeInBytes, Portable));
        CudaResources.AddPageLockedAllocation(1);
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => (long)Length * sizeof(T);

    /// <summary>The elements, as long as this object lives.</summary>
    public Span<T> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(address is null, this);
            return new Span<T>(address, Length);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        if (address is null) return;
        context.SetCurrent();
        var freed = address;
        address = null;
        CudaResources.AddPageLockedAllocation(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuMemFreeHost(freed));
    }

    /// <summary>The address of an element that <paramref name="count"/> can be copied from.</summary>
    internal T* AddressOf(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(address is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + count, Length, nameof(count));
        return (T*)address + offset;
    }
}
