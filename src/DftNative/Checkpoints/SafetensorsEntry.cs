namespace DftNative.Checkpoints;

/// <summary>A tensor that is to be written.</summary>
/// <param name="Name">The name in the header.</param>
/// <param name="DataType">F32, F16 or BF16: what the given fp32 values are stored as.</param>
/// <param name="Shape">Row-major sizes.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsDataType DataType, long[] Shape)
{
    /// <summary>The number of elements.</summary>
    public long Length { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => Length * DataType.SizeInBytes();
}
