using DftNative.Cuda;
using DftNative.Cuda.Interop;
using DftNative.Losses;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/gradient_norm.cu.</content>
public sealed partial class CudaBackend
{
    private const int GradientNormThreads = 256;
    private const int GradientNormPacketsPerTurn = 4;

    /// <summary>Blocks at most, on every device: the cut into blocks is the order of addition.</summary>
    internal const int GradientNormBlocks = 1024;

    /// <inheritdoc cref="IBackend.GradientNorm"/>
    /// <remarks>gradients are fp32 or bf16 and begin at a multiple of 16 bytes.</remarks>
    public void GradientNorm(Vector gradients, float maxNorm, Vector normAndClip, Vector statistics = default)
    {
        CheckLength(normAndClip, 2);
        var dataType = GradientType(gradients.Buffer);
        const int packetsPerBlock = GradientNormThreads * GradientNormPacketsPerTurn;
        var elementsPerBlock = packetsPerBlock * (PacketSizeInBytes / dataType.SizeInBytes());
        var blocks = (int)Math.Clamp((gradients.Length + elementsPerBlock - 1) / elementsPerBlock, 1, GradientNormBlocks);
        var partials = Pointer(Scratch(CudaScratchKind.GradientNormPartials).Take(GradientNormBlocks), DataType.Float64, "partials");
        const int sharedMemoryInBytes = GradientNormThreads * sizeof(double);
        if (!statistics.IsEmpty) CheckLength(statistics, TokenLossStatistics.StepLength);

        kernels.Get(GradientNormKernels.Partials(dataType)).Launch(
            new LaunchConfiguration(blocks, GradientNormThreads, sharedMemoryInBytes, stream),
            PacketPointer(gradients, dataType), gradients.Length, partials);
        kernels.Get(GradientNormKernels.Finish).Launch(
            new LaunchConfiguration(1, GradientNormThreads, sharedMemoryInBytes, stream),
            partials, blocks, maxNorm, Pointer(normAndClip, DataType.Float32),
            statistics.IsEmpty ? default(CUdeviceptr) : Pointer(statistics, DataType.Float64));
    }
}
