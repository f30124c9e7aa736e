using DftNative.Backends.Profiling;

namespace DftNative.Backends.Cuda;

/// <content>The device's own times.</content>
public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public OperationTimer CreateOperationTimer() => new CudaOperationTimer(Context, stream);
}
