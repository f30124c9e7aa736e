namespace DftNative.Backends;

/// <summary>The element type of a device buffer or of a tensor in a checkpoint.</summary>
public enum DataType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>The upper 16 bits of a binary32.</summary>
    BFloat16,

    /// <summary>IEEE 754 binary16; in checkpoints only.</summary>
    Float16,

    /// <summary>IEEE 754 binary64; for statistics.</summary>
    Float64,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Signed 16-bit integer: the low half of a split fp32 master weight.</summary>
    Int16,
}

/// <summary>Facts about <see cref="DataType"/>.</summary>
public static class DataTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int SizeInBytes(this DataType dataType) => dataType switch
    {
        DataType.Float64 => 8,
        DataType.Float32 or DataType.Int32 => 4,
        DataType.BFloat16 or DataType.Float16 or DataType.Int16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(dataType), dataType, "not a data type"),
    };

    /// <summary>The type's short name, for users and files: fp32, bf16.</summary>
    public static string Name(this DataType dataType) => dataType switch
    {
        DataType.Float64 => "fp64",
        DataType.Float32 => "fp32",
        DataType.BFloat16 => "bf16",
        DataType.Float16 => "fp16",
        DataType.Int32 => "int32",
        DataType.Int16 => "int16",
        _ => throw new ArgumentOutOfRangeException(nameof(dataType), dataType, "not a data type"),
    };
}
