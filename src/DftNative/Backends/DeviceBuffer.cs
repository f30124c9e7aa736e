namespace DftNative.Backends;

/// <summary>
/// Memory of one element type on a backend's device. Opaque: only the backend that made it can touch it, and nothing
/// about it copies or synchronises.
/// </summary>
public abstract class DeviceBuffer(DataType dataType, long length, MemoryCategory category, string name) : IDisposable
{
    /// <summary>The element type.</summary>
    public DataType DataType { get; } = dataType;

    /// <summary>The number of elements.</summary>
    public long Length { get; } = length;

    /// <summary>What the memory is for.</summary>
    public MemoryCategory Category { get; } = category;

    /// <summary>What the buffer holds, for messages.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => Length * DataType.SizeInBytes();

    /// <summary>The whole buffer as a vector.</summary>
    public Vector AsVector() => new(this, 0, Length);

    /// <summary>The buffer's first <c>rows × columns</c> elements, row-major, without gaps.</summary>
    public Matrix AsMatrix(int rows, int columns) => AsVector().AsMatrix(rows, columns);

    /// <summary>Returns the memory to the device.</summary>
    public abstract void Dispose();
}
