using DftNative.Backends;

namespace DftNative.Training.Planning;

/// <summary>A buffer that was counted and holds nothing.</summary>
internal sealed class CountedBuffer(DataType dataType, long length, MemoryCategory category, string name)
    : DeviceBuffer(dataType, length, category, name)
{
    /// <summary>There is nothing to return.</summary>
    public override void Dispose() { }
}
