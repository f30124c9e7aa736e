namespace DftNative.Backends.Cuda;

/// <summary>
/// Scratch memory of one operation, which keeps the largest size it was asked for. Its contents are whatever the last
/// use left: operations are ordered on one stream, so two uses never overlap.
/// </summary>
internal sealed class CudaScratch(CudaBackend backend, DataType dataType, MemoryCategory category, string name) : IDisposable
{
    private DeviceBuffer? buffer;

    /// <summary>The first <paramref name="length"/> elements, not initialised.</summary>
    public Vector Take(long length)
    {
        if (buffer is null || buffer.Length < length)
        {
            // The old memory goes back first: the driver waits for the work that still uses it.
            buffer?.Dispose();
            buffer = null;
            buffer = backend.Allocate(dataType, length, category, name);
        }

        return new Vector(buffer, 0, length);
    }

    /// <inheritdoc/>
    public void Dispose() => buffer?.Dispose();
}
