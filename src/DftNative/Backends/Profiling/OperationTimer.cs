namespace DftNative.Backends.Profiling;

/// <summary>Times a backend's operations in their order, without making them wait for each other or the host for them.</summary>
public abstract class OperationTimer : IDisposable
{
    /// <summary>Kinds of operations.</summary>
    public static int OperationCount { get; } = Enum.GetValues<BackendOperation>().Length;

    /// <summary>Before an operation.</summary>
    public abstract void Start();

    /// <summary>After it.</summary>
    public abstract void Stop(BackendOperation operation);

    /// <summary>Writes how long each kind of operation took since the last time, and begins anew. Waits for the last operation.</summary>
    /// <param name="seconds">[<see cref="OperationCount"/>] written: by <see cref="BackendOperation"/>.</param>
    public abstract void Collect(Span<double> seconds);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the timer holds of the device.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
