using DftNative.Backends;

namespace DftNative.Checkpoints;

/// <summary>Facts about <see cref="SafetensorsDataType"/>.</summary>
public static class SafetensorsDataTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int SizeInBytes(this SafetensorsDataType dataType) => dataType switch
    {
        SafetensorsDataType.F64 or SafetensorsDataType.I64 or SafetensorsDataType.U64 => 8,
        SafetensorsDataType.F32 or SafetensorsDataType.I32 or SafetensorsDataType.U32 => 4,
        SafetensorsDataType.F16 or SafetensorsDataType.BF16 or SafetensorsDataType.I16 or SafetensorsDataType.U16 => 2,
        _ => 1,
    };

    /// <summary>Whether model weights may have this type: F32, F16 or BF16.</summary>
    public static bool IsWeightType(this SafetensorsDataType dataType) =>
        dataType is SafetensorsDataType.F32 or SafetensorsDataType.F16 or SafetensorsDataType.BF16;

    /// <summary>The device type of the same elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not F32, F16 or BF16.</exception>
    public static DataType ToDataType(this SafetensorsDataType dataType) => dataType switch
    {
        SafetensorsDataType.F32 => DataType.Float32,
        SafetensorsDataType.F16 => DataType.Float16,
        SafetensorsDataType.BF16 => DataType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(dataType), dataType, "not a type of weights"),
    };

    /// <summary>The safetensors type of the same elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a type of weights.</exception>
    public static SafetensorsDataType ToSafetensors(this DataType dataType) => dataType switch
    {
        DataType.Float32 => SafetensorsDataType.F32,
        DataType.Float16 => SafetensorsDataType.F16,
        DataType.BFloat16 => SafetensorsDataType.BF16,
        _ => throw new ArgumentOutOfRangeException(nameof(dataType), dataType, "not a type of weights"),
    };
}
