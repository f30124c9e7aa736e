namespace DftNative.Checkpoints;

/// <summary>A tensor of a safetensors file: its header entry, checked.</summary>
/// <param name="Name">The name in the header.</param>
/// <param name="DataType">The element type.</param>
/// <param name="Shape">Row-major sizes; empty for a scalar.</param>
/// <param name="Offset">The first byte, from the file's beginning.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsDataType DataType, long[] Shape, long Offset)
{
    /// <summary>The number of elements.</summary>
    public long Length { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => Length * DataType.SizeInBytes();
}
