using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>A buffer of any length without memory, for checks that come before it is touched.</summary>
internal sealed class UnallocatedBuffer(DataType dataType, long length)
    : DeviceBuffer(dataType, length, MemoryCategory.Activations, "unallocated")
{
    /// <inheritdoc/>
    public override void Dispose()
    {
    }
}
