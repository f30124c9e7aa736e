using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>A part of the weights on its way to a device: its elements as the device holds them. One thread fills it, another uploads it.</summary>
internal sealed class UploadPart
{
    /// <summary>Elements of the longest part: a few MiB, which is what a disk likes to be asked for at once.</summary>
    public const int MaxLength = 1 << 21;

    private readonly MasterWeights weights;
    private readonly float[] values;
    private readonly BFloat16[] high;
    private readonly short[] low;
    private bool isLowZero;
    private int count;

    /// <summary>Allocates.</summary>
    /// <param name="weights">[n] fp32, or bf16 with or without the low bits.</param>
    /// <param name="length">The most elements.</param>
    public UploadPart(MasterWeights weights, int length)
    {
        this.weights = weights;
        values = GC.AllocateUninitializedArray<float>(length);
        high = weights.Weights.DataType == DataType.BFloat16 ? GC.AllocateUninitializedArray<BFloat16>(length) : [];
        low = weights.Low.IsEmpty ? [] : GC.AllocateUninitializedArray<short>(length);
    }

    /// <summary>Takes fp32 elements, rounded to nearest even where the device holds fewer bits.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="read">Gives them.</param>
    public void Convert(int length, Action<Memory<float>> read)
    {
        count = length;
        var source = values.AsMemory(0, length);
        read(source);
        isLowZero = false;
        if (weights.Weights.DataType == DataType.Float32) return;
        if (weights.Low.IsEmpty) TensorConversion.ConvertToBFloat16(source.Span, high);
        else TensorConversion.SplitSingle(source.Span, high, low);
    }

    /// <summary>Takes elements of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="tensor">Its tensor.</param>
    /// <param name="start">The first element.</param>
    /// <param name="length">The number of elements.</param>
    public void Read(SafetensorsFile file, SafetensorsTensor tensor, long start, int length)
    {
        if (weights.Weights.DataType != DataType.BFloat16 || tensor.DataType != SafetensorsDataType.BF16)
        {
            Convert(length, destination => file.Read(tensor, start, destination.Span));
            return;
        }

        (count, isLowZero) = (length, true);
        file.ReadBytes(tensor, start, MemoryMarshal.AsBytes(high.AsSpan(0, length)));
    }

    /// <summary>Copies the elements to the device.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="offset">Where in the arena they begin.</param>
    public void Upload(IBackend backend, long offset)
    {
        var destination = weights.Weights.Slice(offset, count);
        if (weights.Weights.DataType == DataType.Float32)
        {
            backend.Upload<float>(values.AsSpan(0, count), destination);
            return;
        }

        backend.Upload<BFloat16>(high.AsSpan(0, count), destination);
        if (weights.Low.IsEmpty) return;
        var rest = weights.Low.Slice(offset, count);
        if (isLowZero) backend.Zero(rest);
        else backend.Upload<short>(low.AsSpan(0, count), rest);
    }
}
