using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/residual_rmsnorm.cu and kernels/residual_rmsnorm_backward.cu.</content>
public sealed partial class CudaBackend
{
    /// <summary>block_sum's scratch: an fp32 a warp, of at most 32 warps.</summary>
    private const int BlockSumSharedMemoryInBytes = 32 * sizeof(float);

    /// <inheritdoc cref="IBackend.ResidualRmsNormForward"/>
    /// <remarks>hidden is a multiple of 8, at most 16384.</remarks>
    public void ResidualRmsNormForward(
        Matrix x, Matrix residual, Vector weight, Matrix sum, Matrix output, Vector rstd, float epsilon)
    {
        int tokens = x.Rows, hidden = x.Columns;
        var hasResidual = !residual.IsEmpty;
        CheckHiddenSize(hidden, nameof(x));
        CheckLength(weight, hidden);
        CheckShape(output, tokens, hidden);
        CheckLength(rstd, tokens);
        if (hasResidual)
        {
            CheckShape(residual, tokens, hidden);
            CheckShape(sum, tokens, hidden);
        }

        if (tokens == 0) return;

        var shape = ResidualRmsNormVariant.ForRow(hidden);
        kernels.Get(ResidualRmsNormKernels.Forward(hasResidual, shape)).Launch(
            new LaunchConfiguration(tokens, shape.BlockSize(hidden), BlockSumSharedMemoryInBytes, stream),
            Pointer(x, ComputeType),
            hasResidual ? Pointer(residual, ComputeType) : default(CUdeviceptr),
            Pointer(weight, ComputeType),
            hasResidual ? Pointer(sum, ComputeType) : default(CUdeviceptr),
            Pointer(output, ComputeType),
            Pointer(rstd, DataType.Float32),
            hidden, x.RowStride, residual.RowStride, sum.RowStride, output.RowStride, epsilon);
    }

    /// <inheritdoc cref="IBackend.ResidualRmsNormBackward"/>
    /// <remarks>
    /// hidden is a multiple of 8, at most 16384. sumGradient may alias outputGradient or sum. The weight gradient's order
    /// of summation depends on the device's number of SMs.
    /// </remarks>
    public void ResidualRmsNormBackward(
        Matrix outputGradient, Matrix sum, Vector weight, Vector rstd, Matrix sumGradient, Vector weightGradient, bool accumulate)
    {
        int tokens = sum.Rows, hidden = sum.Columns;
        CheckHiddenSize(hidden, nameof(sum));
        CheckShape(outputGradient, tokens, hidden);
        CheckLength(weight, hidden);
        CheckLength(rstd, tokens);
        CheckShape(sumGradient, tokens, hidden);
        CheckLength(weightGradient, hidden);
        if (tokens == 0) return;

        var shape = ResidualRmsNormVariant.ForRow(hidden);
        var blocks = ResidualRmsNormBackwardBlocks(tokens, hidden, Context.MultiprocessorCount);
        var partials = TakeColumnPartials(blocks, hidden);
        kernels.Get(ResidualRmsNormKernels.Backward(shape)).Launch(
            new LaunchConfiguration(blocks, shape.BlockSize(hidden), 2 * BlockSumSharedMemoryInBytes, stream),
            Pointer(outputGradient, ComputeType), Pointer(sum, ComputeType), Pointer(weight, ComputeType),
            Pointer(rstd, DataType.Float32), Pointer(sumGradient, ComputeType), Pointer(partials, DataType.Float32),
            tokens, hidden, outputGradient.RowStride, sum.RowStride, sumGradient.RowStride, accumulate ? 1 : 0);
        AddPartialSums(partials, blocks, weightGradient);
    }

    /// <summary>Blocks of the backward pass, each with its row of partial sums: those that the SMs hold at once.</summary>
    internal static int ResidualRmsNormBackwardBlocks(int tokens, int hidden, int multiprocessorCount) =>
        Math.Min(tokens, ResidualRmsNormVariant.ForRow(hidden).BackwardBlocksPerMultiprocessor(hidden) * multiprocessorCount);

    private static void CheckHiddenSize(int hidden, string operand)
    {
        if (hidden % ElementsPerPacket != 0 || hidden > ResidualRmsNormVariant.LargestRow)
            throw new ArgumentException($"hidden size {hidden} is not a multiple of 8 up to {ResidualRmsNormVariant.LargestRow}", operand);
    }
}
