namespace DftNative.Backends;

/// <summary>A row-major view of a device buffer. <c>default</c> is the empty view, for optional operands.</summary>
public readonly struct Matrix
{
    /// <summary>A view whose row <c>i</c> begins at element <c>offset + i · rowStride</c>.</summary>
    public Matrix(DeviceBuffer buffer, long offset, int rows, int columns, int rowStride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowStride, columns);
        if (rows > 0) ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + ((long)(rows - 1) * rowStride) + columns, buffer.Length, nameof(rows));
        Buffer = buffer;
        Offset = offset;
        Rows = rows;
        Columns = columns;
        RowStride = rowStride;
    }

    /// <summary>The buffer viewed; null for the empty view.</summary>
    public DeviceBuffer? Buffer { get; }

    /// <summary>The first element's index in the buffer.</summary>
    public long Offset { get; }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The number of columns.</summary>
    public int Columns { get; }

    /// <summary>Elements from one row's begin to the next's (the leading dimension).</summary>
    public int RowStride { get; }

    /// <summary>Whether this is <c>default</c>: an optional operand that is absent.</summary>
    public bool IsEmpty => Buffer is null;

    /// <summary>The element type.</summary>
    public DataType DataType => Buffer!.DataType;

    /// <summary>The <paramref name="count"/> rows from <paramref name="start"/>.</summary>
    public Matrix SliceRows(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Rows, nameof(count));
        return new Matrix(Buffer!, Offset + ((long)start * RowStride), count, Columns, RowStride);
    }

    /// <summary>The <paramref name="count"/> columns from <paramref name="start"/>, rows unchanged.</summary>
    public Matrix SliceColumns(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Columns, nameof(count));
        return new Matrix(Buffer!, Offset + start, Rows, count, RowStride);
    }
}
