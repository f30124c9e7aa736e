using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/residual_rmsnorm.cu.</content>
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
        if (hidden % ResidualRmsNormVariant.ElementsPerPacket != 0 || hidden > ResidualRmsNormVariant.LargestRow)
            throw new ArgumentException($"hidden size {hidden} is not a multiple of 8 up to {ResidualRmsNormVariant.LargestRow}", nameof(x));
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
}
