using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// A part of a tensor on its way to a device: its elements as they are stored, and as the device holds them. One thread
/// fills it, another uploads it.
/// </summary>
/// <param name="maxLength">The most elements.</param>
internal sealed class UploadPart(int maxLength)
{
    /// <summary>Elements of the longest part: a few MiB, which is what a disk likes to be asked for at once.</summary>
    public const int MaxLength = 1 << 21;

    /// <summary>Threads that read. They wait for the disk most of the time, which wants to be asked for several parts at once.</summary>
    public const int ReaderCount = 4;

    // Each is made when it is first needed: few transfers need them all.
    private float[] values = [];
    private byte[] narrow = [];
    private BFloat16[] high = [];
    private short[] low = [];
    private SafetensorsDataType storedType;
    private int count;

    /// <summary>What <see cref="Read"/> found, as it is stored.</summary>
    public ReadOnlySpan<byte> Stored => StoredBytes;

    private Span<byte> StoredBytes => IsNarrow
        ? narrow.AsSpan(0, count * sizeof(ushort))
        : MemoryMarshal.AsBytes(values.AsSpan())[..(count * storedType.SizeInBytes())];

    private bool IsNarrow => storedType is SafetensorsDataType.BF16 or SafetensorsDataType.F16;

    /// <summary>As many as a <see cref="PartPipeline{T}"/> with <see cref="ReaderCount"/> threads likes.</summary>
    /// <param name="maxLength">The most elements of each.</param>
    public static UploadPart[] Buffers(int maxLength) => [.. Enumerable.Range(0, ReaderCount + 2).Select(_ => new UploadPart(maxLength))];

    /// <summary>Takes fp32 elements, rounded to nearest even where the device holds fewer bits.</summary>
    /// <param name="weights">Where they will go: fp32, or bf16 with or without the low bits.</param>
    /// <param name="length">The number of elements.</param>
    /// <param name="read">Gives them.</param>
    public void Convert(MasterWeights weights, int length, Action<Memory<float>> read)
    {
        Begin(SafetensorsDataType.F32, length);
        read(values.AsMemory(0, length));
        FitTo(weights);
    }

    /// <summary>Takes elements of a file as they are stored.</summary>
    /// <param name="file">The file.</param>
    /// <param name="tensor">Its tensor.</param>
    /// <param name="start">The first element.</param>
    /// <param name="length">The number of elements: of types that are wider than fp32, fewer than the most.</param>
    public void Read(SafetensorsFile file, SafetensorsTensor tensor, long start, int length)
    {
        Begin(tensor.DataType, length);
        file.ReadBytes(tensor, start, StoredBytes);
    }

    /// <summary>Makes of what was read what the device holds; what is stored so is not converted.</summary>
    /// <param name="weights">Where it will go.</param>
    public void FitTo(MasterWeights weights)
    {
        var isBFloat16 = weights.Weights.DataType == DataType.BFloat16;
        if (isBFloat16 && storedType == SafetensorsDataType.BF16) return;
        if (IsNarrow) Widen();
        if (!isBFloat16) return;
        Allocate(ref high);
        if (weights.Low.IsEmpty)
        {
            TensorConversion.ConvertToBFloat16(values.AsSpan(0, count), high);
            return;
        }

        Allocate(ref low);
        TensorConversion.SplitSingle(values.AsSpan(0, count), high, low);
    }

    /// <summary>Copies the elements to the device.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="weights">What they were made to fit.</param>
    /// <param name="offset">Where in the arena they begin.</param>
    public void Upload(IBackend backend, MasterWeights weights, long offset)
    {
        var destination = weights.Weights.Slice(offset, count);
        if (weights.Weights.DataType == DataType.Float32)
        {
            backend.Upload<float>(values.AsSpan(0, count), destination);
            return;
        }

        var isStored = storedType == SafetensorsDataType.BF16;
        backend.Upload(isStored ? MemoryMarshal.Cast<byte, BFloat16>(Stored) : high.AsSpan(0, count), destination);
        if (weights.Low.IsEmpty) return;
        var rest = weights.Low.Slice(offset, count);
        if (isStored) backend.Zero(rest);
        else backend.Upload<short>(low.AsSpan(0, count), rest);
    }

    private void Begin(SafetensorsDataType dataType, int length)
    {
        (storedType, count) = (dataType, length);
        if (!IsNarrow) Allocate(ref values);
        else if (narrow.Length == 0) narrow = GC.AllocateUninitializedArray<byte>(maxLength * sizeof(ushort));
    }

    private void Widen()
    {
        Allocate(ref values);
        if (storedType == SafetensorsDataType.BF16) TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, BFloat16>(Stored), values);
        else TensorConversion.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(Stored), values);
    }

    private void Allocate<T>(ref T[] array)
    {
        if (array.Length == 0) array = GC.AllocateUninitializedArray<T>(maxLength);
    }
}
