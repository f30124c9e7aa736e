using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/convert.cu.</content>
public sealed partial class CudaBackend
{
    /// <summary>Copies fp32 to bf16, rounding to nearest even, or bf16 to fp32; the lengths are equal.</summary>
    private void Convert(Vector source, Vector destination)
    {
        var kernel = (source.DataType, destination.DataType) switch
        {
            (DataType.Float32, DataType.BFloat16) => ConvertKernels.FloatToBFloat16,
            (DataType.BFloat16, DataType.Float32) => ConvertKernels.BFloat16ToFloat,
            _ => throw new ArgumentException($"cannot copy {source.DataType} to {destination.DataType}", nameof(destination)),
        };
        if (source.Length == 0) return;

        const int elementsPerBlock = ElementwiseBlock * ElementsPerPacket;
        var blocks = checked((int)((source.Length + elementsPerBlock - 1) / elementsPerBlock));
        kernels.Get(kernel).Launch(
            new LaunchConfiguration(blocks, ElementwiseBlock, 0, stream),
            AlignedPointer(source, source.DataType), AlignedPointer(destination, destination.DataType), source.Length);
    }
}
