namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/residual_rmsnorm.cu and of kernels/residual_rmsnorm_backward.cu.</summary>
internal static class ResidualRmsNormKernels
{
    private static readonly KernelVariant[] Forwards =
    [
        .. from residual in (int[])[0, 1]
           from shape in ResidualRmsNormVariant.Shapes
           select new KernelVariant(
               "residual_rmsnorm.cu", "residual_rmsnorm_forward",
               $"RESIDUAL={residual}", $"THREADS={shape.LargestBlock}", $"VECTORS={shape.PacketsPerThread}"),
    ];

    private static readonly KernelVariant[] Backwards =
    [
        .. from shape in ResidualRmsNormVariant.Shapes
           select new KernelVariant(
               "residual_rmsnorm_backward.cu", "residual_rmsnorm_backward",
               $"THREADS={shape.LargestBlock}", $"VECTORS={shape.PacketsPerThread}"),
    ];

    /// <summary>Every variant of the files.</summary>
    public static IEnumerable<KernelVariant> All => [.. Forwards, .. Backwards];

    /// <summary>The forward kernel for that shape of the launch.</summary>
    public static KernelVariant Forward(bool hasResidual, ResidualRmsNormVariant shape) =>
        Forwards[((hasResidual ? 1 : 0) * ResidualRmsNormVariant.Shapes.Length) + shape.Index];

    /// <summary>The backward kernel for that shape of the launch.</summary>
    public static KernelVariant Backward(ResidualRmsNormVariant shape) => Backwards[shape.Index];
}
