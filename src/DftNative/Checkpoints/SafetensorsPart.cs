using System.Runtime.InteropServices;

namespace DftNative.Checkpoints;

/// <summary>A part of a tensor on its way to a file: its fp32 values, and its bytes as they are stored.</summary>
/// <param name="length">The most elements.</param>
internal sealed class SafetensorsPart(int length)
{
    private readonly float[] values = GC.AllocateUninitializedArray<float>(length);
    private readonly byte[] narrow = GC.AllocateUninitializedArray<byte>(length * sizeof(ushort));
    private int filledLength;
    private bool isNarrow;

    /// <summary>The elements that were filled in last, as they are stored.</summary>
    public ReadOnlySpan<byte> Bytes => isNarrow ? narrow.AsSpan(0, filledLength * sizeof(ushort)) : MemoryMarshal.AsBytes(values.AsSpan(0, filledLength));

    /// <summary>Reads elements and converts them.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="start">The first element.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="read">Gives the values.</param>
    /// <exception cref="DftNativeException">Exit code 6: a value does not fit the type.</exception>
    public void Fill(SafetensorsEntry entry, long start, int count, TensorReader read)
    {
        (filledLength, isNarrow) = (count, entry.DataType != SafetensorsDataType.F32);
        var source = values.AsSpan(0, count);
        read(entry.Name, start, source);
        switch (entry.DataType)
        {
            case SafetensorsDataType.F32:
                break;
            case SafetensorsDataType.BF16:
                TensorConversion.ConvertToBFloat16(source, MemoryMarshal.Cast<byte, BFloat16>(narrow.AsSpan()));
                break;
            case SafetensorsDataType.F16:
                TensorConversion.ConvertToHalf(source, MemoryMarshal.Cast<byte, Half>(narrow.AsSpan()));
                CheckHalfRange(entry.Name, source, MemoryMarshal.Cast<byte, Half>(narrow.AsSpan()));
                break;
            default:
                throw new ArgumentException($"{entry.Name}: {entry.DataType} is not written", nameof(entry));
        }
    }

    private static void CheckHalfRange(string name, ReadOnlySpan<float> values, ReadOnlySpan<Half> halves)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!Half.IsFinite(halves[i]) && float.IsFinite(values[i]))
                throw new DftNativeException(ExitCode.CannotWrite, $"{name}: {values[i]} does not fit float16; pass save_dtype bf16 or fp32");
        }
    }
}
