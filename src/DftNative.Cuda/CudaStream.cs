using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A queue of device work that runs in order.</summary>
public sealed class CudaStream : IDisposable
{
    private const uint NonBlocking = 1;

    private readonly CudaContext context;
    private CUstream stream;

    /// <summary>Makes a stream. It does not wait for the null stream.</summary>
    public CudaStream(CudaContext context)
    {
        this.context = context;
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuStreamCreate(out stream, NonBlocking));
        CudaResources.AddStream(1);
    }

    /// <summary>The driver's handle.</summary>
    public CUstream Handle
    {
        get
        {
            ObjectDisposedException.ThrowIf(stream == default, this);
            return stream;
        }
    }

    /// <summary>Whether the stream has ended.</summary>
    public bool IsDisposed => stream == default;

    /// <summary>
    /// What is queued from now on waits for the event's mark as it is now; the host does not wait. Nothing is waited for
    /// where the event was never recorded.
    /// </summary>
    public void WaitFor(CudaEvent mark)
    {
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuStreamWaitEvent(Handle, mark.Handle, 0));
    }

    /// <summary>Waits until all that was queued has run.</summary>
    /// <exception cref="CudaException">Something of it faulted.</exception>
    public void Synchronize()
    {
        context.SetCurrent();
        CudaCheck.ThrowIfFailed(CudaDriver.cuStreamSynchronize(Handle));
    }

    /// <summary>Ends the stream.</summary>
    public void Dispose()
    {
        if (stream == default) return;
        context.SetCurrent();
        var ended = stream;
        stream = default;
        CudaResources.AddStream(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuStreamDestroy_v2(ended));
    }
}
