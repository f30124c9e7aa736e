using System.Numerics;
using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/head_rmsnorm.cu.</content>
public sealed partial class CudaBackend
{
    private const int LargestNormedHead = WarpSize * ElementsPerPacket;
    private const int HeadRmsNormForwardBlock = 256;
    private const int HeadRmsNormForwardHeadsPerLane = 2;
    private const int HeadRmsNormBackwardBlock = 512;

    /// <summary>Blocks of the backward pass that an SM holds at once; each leaves an fp32 row of partial sums.</summary>
    private const int HeadRmsNormBackwardBlocksPerMultiprocessor = 2;

    /// <inheritdoc cref="IBackend.HeadRmsNormForward"/>
    /// <remarks>headDimension is a multiple of 8, at most 256.</remarks>
    public void HeadRmsNormForward(Matrix x, Vector weight, Matrix output, Vector rstd, float epsilon)
    {
        var (heads, headDimension, lanes) = CheckHeads(x, weight, rstd);
        CheckShape(output, x.Rows, x.Columns);
        var items = (int)rstd.Length;
        if (items == 0) return;

        kernels.Get(HeadRmsNormKernels.Forward).Launch(
            new LaunchConfiguration(DivideUp(items, HeadRmsNormForwardHeadsPerLane * (HeadRmsNormForwardBlock / lanes)), HeadRmsNormForwardBlock, 0, stream),
            Pointer(x, ComputeType), Pointer(weight, ComputeType), Pointer(output, ComputeType), Pointer(rstd, DataType.Float32),
            items, heads, headDimension, lanes, x.RowStride, output.RowStride, epsilon);
    }

    /// <inheritdoc cref="IBackend.HeadRmsNormBackward"/>
    /// <remarks>
    /// headDimension is a multiple of 8, at most 256. xGradient may alias x too. The weight gradient's order of summation
    /// depends on the device's number of SMs.
    /// </remarks>
    public void HeadRmsNormBackward(
        Matrix outputGradient, Matrix x, Vector weight, Vector rstd, Matrix xGradient, Vector weightGradient)
    {
        var (heads, headDimension, lanes) = CheckHeads(x, weight, rstd);
        CheckShape(outputGradient, x.Rows, x.Columns);
        CheckShape(xGradient, x.Rows, x.Columns);
        CheckLength(weightGradient, headDimension);
        var items = (int)rstd.Length;
        if (items == 0) return;

        var blocks = HeadRmsNormBackwardBlocks(items, headDimension, Context.MultiprocessorCount);
        var partials = TakeColumnPartials(blocks, headDimension);
        kernels.Get(HeadRmsNormKernels.Backward).Launch(
            new LaunchConfiguration(
                blocks, HeadRmsNormBackwardBlock, HeadRmsNormBackwardBlock * ElementsPerPacket * sizeof(float), stream),
            Pointer(outputGradient, ComputeType), Pointer(x, ComputeType), Pointer(weight, ComputeType),
            Pointer(rstd, DataType.Float32), Pointer(xGradient, ComputeType), Pointer(partials, DataType.Float32),
            items, heads, headDimension, lanes, outputGradient.RowStride, x.RowStride, xGradient.RowStride);
        AddPartialSums(partials, blocks, weightGradient);
    }

    /// <summary>Blocks of the backward pass, each with its row of partial sums.</summary>
    internal static int HeadRmsNormBackwardBlocks(long items, int headDimension, int multiprocessorCount)
    {
        var itemsPerBlock = HeadRmsNormBackwardBlock / HeadLanes(headDimension);
        return (int)Math.Min((items + itemsPerBlock - 1) / itemsPerBlock, HeadRmsNormBackwardBlocksPerMultiprocessor * multiprocessorCount);
    }

    /// <summary>Lanes that a head takes: a power of two.</summary>
    private static int HeadLanes(int headDimension) => (int)BitOperations.RoundUpToPowerOf2((uint)(headDimension / ElementsPerPacket));

    /// <summary>Heads of a row, channels of a head, and its lanes.</summary>
    private static (int Heads, int HeadDimension, int Lanes) CheckHeads(Matrix x, Vector weight, Vector rstd)
    {
        if (weight.Length % ElementsPerPacket != 0 || weight.Length is 0 or > LargestNormedHead)
            throw new ArgumentException($"head dimension {weight.Length} is not a multiple of 8 up to {LargestNormedHead}", nameof(weight));
        var headDimension = (int)weight.Length;
        if (x.Columns % headDimension != 0)
            throw new ArgumentException($"x has {x.Columns} columns, not a multiple of the head dimension {headDimension}", nameof(x));
        var heads = x.Columns / headDimension;
        CheckLength(rstd, CheckCount((long)x.Rows * heads, nameof(x)));
        return (heads, headDimension, HeadLanes(headDimension));
    }
}
