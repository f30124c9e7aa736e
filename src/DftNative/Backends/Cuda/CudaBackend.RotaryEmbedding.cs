using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/rotary_embedding.cu.</content>
public sealed partial class CudaBackend
{
    private const int RotaryHeadsPerThread = 4;
    private const int RotaryNarrowPairsPerThread = 4;

    /// <inheritdoc cref="IBackend.RotaryEmbedding"/>
    /// <remarks>headDimension is a multiple of 8 (of 16 for speed); cosSin begins and has rows at multiples of 16 bytes.</remarks>
    public void RotaryEmbedding(Matrix x, Vector positions, Matrix cosSin, int headDimension, bool inverse)
    {
        const int pairedPackets = 2 * ElementsPerPacket;
        if (headDimension <= 0 || headDimension % ElementsPerPacket != 0)
            throw new ArgumentException($"head dimension {headDimension} is not a multiple of {ElementsPerPacket}", nameof(headDimension));
        if (x.Columns % headDimension != 0)
            throw new ArgumentException($"x has {x.Columns} columns, not a multiple of the head dimension {headDimension}", nameof(x));
        CheckLength(positions, x.Rows);
        CheckShape(cosSin, cosSin.Rows, headDimension);
        var heads = x.Columns / headDimension;
        var isNarrow = headDimension % pairedPackets != 0;
        var threadsPerRow = isNarrow
            ? (long)heads * (headDimension / (2 * RotaryNarrowPairsPerThread))
            : (long)DivideUp(heads, RotaryHeadsPerThread) * (headDimension / pairedPackets);
        var threads = CheckCount(x.Rows * threadsPerRow, nameof(x));
        if (threads == 0) return;

        kernels.Get(isNarrow ? RotaryEmbeddingKernels.RotateNarrow : RotaryEmbeddingKernels.Rotate).Launch(
            new LaunchConfiguration(DivideUp(threads, ElementwiseBlock), ElementwiseBlock, 0, stream),
            Pointer(x, ComputeType), Pointer(positions, DataType.Int32), AlignedPointer(cosSin, DataType.Float32),
            x.Rows, heads, headDimension, x.RowStride, cosSin.RowStride, inverse ? 1 : 0);
    }
}
