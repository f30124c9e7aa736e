using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/move_rows.cu.</content>
public sealed partial class CudaBackend
{
    /// <summary>Packets or words that a thread moves.</summary>
    private const int MovedUnitsPerThread = 4;

    private const int WordSizeInBytes = 4;
    private const int WordsPerPacket = PacketSizeInBytes / WordSizeInBytes;

    /// <inheritdoc cref="IBackend.GatherRows"/>
    /// <remarks>bf16 with a multiple of 8 columns, or fp32 or int32; destination does not alias source.</remarks>
    public void GatherRows(Matrix source, Vector rows, Matrix destination)
    {
        CheckLength(rows, destination.Rows);
        CheckShape(destination, destination.Rows, source.Columns);
        MoveRows(source, rows, destination, scatter: false);
    }

    /// <inheritdoc cref="IBackend.ScatterRows"/>
    /// <remarks>bf16 with a multiple of 8 columns, or fp32 or int32; destination does not alias source.</remarks>
    public void ScatterRows(Matrix source, Vector rows, Matrix destination)
    {
        CheckLength(rows, source.Rows);
        CheckShape(destination, destination.Rows, source.Columns);
        MoveRows(source, rows, destination, scatter: true);
    }

    private void MoveRows(Matrix source, Vector rows, Matrix destination, bool scatter)
    {
        var dataType = source.DataType;
        if (dataType is not (DataType.BFloat16 or DataType.Float32 or DataType.Int32))
            throw new ArgumentException($"rows of {dataType} cannot be moved", nameof(source));
        if (dataType == DataType.BFloat16) CheckPackets(source);
        var count = (int)rows.Length;
        var elementsPerWord = WordSizeInBytes / dataType.SizeInBytes();
        var rowWords = source.Columns / elementsPerWord;
        var packets = rowWords % WordsPerPacket == 0 && IsAligned(source) && IsAligned(destination);
        var units = CheckCount((long)count * (packets ? rowWords / WordsPerPacket : rowWords), nameof(source));
        if (units == 0) return;

        kernels.Get(RowsKernels.Move(packets)).Launch(
            new LaunchConfiguration(DivideUp(units, MovedUnitsPerThread * ElementwiseBlock), ElementwiseBlock, 0, stream),
            Pointer(source, dataType), Pointer(rows, DataType.Int32), Pointer(destination, dataType),
            count, rowWords, source.RowStride / elementsPerWord, destination.RowStride / elementsPerWord, scatter ? 1 : 0);
    }
}
