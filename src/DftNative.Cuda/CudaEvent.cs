using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A mark in a stream: others wait for it, and two of them measure time.</summary>
public sealed class CudaEvent : IDisposable
{
    private const uint DisableTiming = 2;

    private readonly CudaContext context;
    private CUevent handle;

    /// <summary>Makes an event.</summary>
    /// <param name="context">Where.</param>
    /// <param name="hasTime">Whether it keeps its time; one that only orders is cheaper.</param>
    public CudaEvent(CudaContext context, bool hasTime = true)
    {
        this.context = context;
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuEventCreate(out handle, hasTime ? 0 : DisableTiming));
        CudaResources.AddEvent(1);
    }

    /// <summary>The driver's handle.</summary>
    public CUevent Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(handle == default, this);
            return handle;
        }
    }

    /// <summary>Marks what the stream holds now; an earlier mark of this event is forgotten.</summary>
    public void Record(CudaStream stream)
    {
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuEventRecord(Handle, stream.Handle));
    }

    /// <summary>Asks the driver whether the stream has come to the mark. An event that was never recorded has.</summary>
    /// <exception cref="CudaException">Something on the context faulted.</exception>
    public bool HasHappened()
    {
        context.SetCurrent();
        var result = CudaDriver.cuEventQuery(Handle);
        if (result == CUresult.CUDA_ERROR_NOT_READY) return false;
        CudaCheck.ThrowIfFailed(result, nameof(CudaDriver.cuEventQuery));
        return true;
    }

    /// <summary>Waits until the stream has come to the mark; not at all where none was recorded.</summary>
    /// <exception cref="CudaException">Something on the context faulted.</exception>
    public void Synchronize()
    {
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuEventSynchronize(Handle));
    }

    /// <summary>Device time from another mark to this one, to half a microsecond. Waits for neither.</summary>
    /// <exception cref="CudaException">
    /// CUDA_ERROR_NOT_READY: a stream has not come to one of the two; CUDA_ERROR_INVALID_HANDLE: one was never recorded, or
    /// keeps no time.
    /// </exception>
    public float ElapsedMillisecondsSince(CudaEvent start)
    {
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuEventElapsedTime(out var milliseconds, start.Handle, Handle));
        return milliseconds;
    }

    /// <summary>Ends the event. Who waits for it already, still does.</summary>
    public void Dispose()
    {
        if (handle == default) return;
        context.SetCurrent();
        var ended = handle;
        handle = default;
        CudaResources.AddEvent(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuEventDestroy_v2(ended));
    }
}
