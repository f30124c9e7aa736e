namespace DftNative.Backends.Cuda;

/// <summary>
/// The list of all kernels that exist, each compiled on first use. Every one of them is compiled for every supported
/// architecture in the tests, so nothing outside this list may be launched.
/// </summary>
internal static class KernelVariants
{
    private static readonly List<KernelVariant> Variants = [];

    /// <summary>The variants of residual_rmsnorm.cu, by <see cref="ResidualRmsNormVariant"/>.</summary>
    private static readonly KernelVariant[] ResidualRmsNorm =
    [
        .. from residual in (int[])[0, 1]
           from shape in ResidualRmsNormVariant.Shapes
           select Add(
               "residual_rmsnorm.cu", "residual_rmsnorm_forward",
               $"RESIDUAL={residual}", $"THREADS={shape.LargestBlock}", $"VECTORS={shape.PacketsPerThread}"),
    ];

    /// <summary>Every variant; a variant's index is its place here.</summary>
    public static IReadOnlyList<KernelVariant> All => Variants;

    /// <summary>The variant for that shape of the launch.</summary>
    public static KernelVariant ResidualRmsNormForward(bool hasResidual, ResidualRmsNormVariant shape) =>
        ResidualRmsNorm[((hasResidual ? 1 : 0) * ResidualRmsNormVariant.Shapes.Length) + shape.Index];

    private static KernelVariant Add(string fileName, string entryPoint, params string[] defines)
    {
        var variant = new KernelVariant(Variants.Count, fileName, entryPoint, defines);
        Variants.Add(variant);
        return variant;
    }
}
