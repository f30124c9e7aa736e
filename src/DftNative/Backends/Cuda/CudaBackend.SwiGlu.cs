using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/swiglu.cu.</content>
public sealed partial class CudaBackend
{
    private const int SwiGluPacketsPerThread = 2;

    /// <inheritdoc cref="IBackend.SwiGluForward"/>
    /// <remarks>intermediate is a multiple of 8.</remarks>
    public void SwiGluForward(Matrix gateUp, Matrix output)
    {
        int tokens = output.Rows, intermediate = output.Columns;
        CheckPackets(output);
        CheckShape(gateUp, tokens, 2 * intermediate);
        var packets = PacketCount(tokens, intermediate, nameof(output));
        if (packets == 0) return;

        kernels.Get(SwiGluKernels.Forward).Launch(
            new LaunchConfiguration(DivideUp(packets, SwiGluPacketsPerThread * ElementwiseBlock), ElementwiseBlock, 0, stream),
            Pointer(gateUp, ComputeType), Pointer(output, ComputeType), tokens, intermediate, gateUp.RowStride, output.RowStride);
    }

    /// <inheritdoc cref="IBackend.SwiGluBackward"/>
    /// <remarks>intermediate is a multiple of 8.</remarks>
    public void SwiGluBackward(Matrix outputGradient, Matrix gateUp, Matrix gateUpGradient, Matrix output)
    {
        int tokens = outputGradient.Rows, intermediate = outputGradient.Columns;
        CheckPackets(outputGradient);
        CheckShape(gateUp, tokens, 2 * intermediate);
        CheckShape(gateUpGradient, tokens, 2 * intermediate);
        if (!output.IsEmpty) CheckShape(output, tokens, intermediate);
        var packets = PacketCount(tokens, intermediate, nameof(outputGradient));
        if (packets == 0) return;

        kernels.Get(SwiGluKernels.Backward).Launch(
            new LaunchConfiguration(DivideUp(packets, SwiGluPacketsPerThread * ElementwiseBlock), ElementwiseBlock, 0, stream),
            Pointer(outputGradient, ComputeType), Pointer(gateUp, ComputeType), Pointer(gateUpGradient, ComputeType),
            output.IsEmpty ? default(CUdeviceptr) : Pointer(output, ComputeType),
            tokens, intermediate, outputGradient.RowStride, gateUp.RowStride, gateUpGradient.RowStride, output.RowStride);
    }
}
