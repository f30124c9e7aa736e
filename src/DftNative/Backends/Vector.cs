namespace DftNative.Backends;

/// <summary>A contiguous view of a device buffer. <c>default</c> is the empty view, for optional operands.</summary>
public readonly struct Vector
{
    /// <summary>A view of <paramref name="length"/> elements from element <paramref name="offset"/>.</summary>
    public Vector(DeviceBuffer buffer, long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, buffer.Length, nameof(length));
        Buffer = buffer;
        Offset = offset;
        Length = length;
    }

    /// <summary>The buffer viewed; null for the empty view.</summary>
    public DeviceBuffer? Buffer { get; }

    /// <summary>The first element's index in the buffer.</summary>
    public long Offset { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>Whether this is <c>default</c>: an optional operand that is absent.</summary>
    public bool IsEmpty => Buffer is null;

    /// <summary>The element type.</summary>
    public DataType DataType => Buffer!.DataType;

    /// <summary>The <paramref name="length"/> elements from <paramref name="start"/>.</summary>
    public Vector Slice(long start, long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length, nameof(length));
        return new Vector(Buffer!, Offset + start, length);
    }

    /// <summary>The first <c>rows × columns</c> elements, row-major, without gaps.</summary>
    public Matrix AsMatrix(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * columns, Length, nameof(rows));
        return new Matrix(Buffer!, Offset, rows, columns, columns);
    }
}
