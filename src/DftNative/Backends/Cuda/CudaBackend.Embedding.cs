using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/embedding_backward.cu; forward gathers rows.</content>
public sealed partial class CudaBackend
{
    private const int EmbeddingBackwardBlock = 128;

    /// <inheritdoc cref="IBackend.EmbeddingForward"/>
    /// <remarks>hidden is a multiple of 8.</remarks>
    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output)
    {
        CheckShape(output, output.Rows, table.Columns);
        GatherRows(table, tokens, output);
    }

    /// <inheritdoc cref="IBackend.EmbeddingBackward"/>
    /// <remarks>hidden is a multiple of 8; tableGradient begins and has rows at multiples of 16 bytes.</remarks>
    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient)
    {
        var hidden = outputGradient.Columns;
        CheckPackets(outputGradient);
        CheckShape(tableGradient, tableGradient.Rows, hidden);
        CheckLength(rowStarts, distinctTokens.Length + 1);
        var distinct = CheckCount(distinctTokens.Length, nameof(distinctTokens));
        var rowCount = CheckCount(rows.Length, nameof(rows));
        if (distinct == 0 || hidden == 0) return;

        var dataType = GradientType(tableGradient.Buffer);
        kernels.Get(EmbeddingKernels.Backward(dataType)).Launch(
            new LaunchConfiguration(
                new Dimensions((uint)distinct, (uint)DivideUp(hidden, EmbeddingBackwardBlock * ElementsPerPacket), 1),
                EmbeddingBackwardBlock, 0, stream),
            Pointer(distinctTokens, DataType.Int32), Pointer(rowStarts, DataType.Int32), Pointer(rows, DataType.Int32),
            Pointer(outputGradient, ComputeType), AlignedPointer(tableGradient, dataType),
            rowCount, hidden, outputGradient.RowStride, tableGradient.RowStride,
            dataType == DataType.BFloat16 ? NextRounding(tableGradient.Offset) : default);
    }
}
