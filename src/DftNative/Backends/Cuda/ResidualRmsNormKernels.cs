namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/residual_rmsnorm.cu.</summary>
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

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => Forwards;

    /// <summary>The forward kernel for that shape of the launch.</summary>
    public static KernelVariant Forward(bool hasResidual, ResidualRmsNormVariant shape) =>
        Forwards[((hasResidual ? 1 : 0) * ResidualRmsNormVariant.Shapes.Length) + shape.Index];
}
