namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/gradient_norm.cu.</summary>
internal static class GradientNormKernels
{
    private static readonly KernelVariant PartialsOfFloat32 = new("gradient_norm.cu", "gradient_norm_partials", "BFLOAT16=0");
    private static readonly KernelVariant PartialsOfBFloat16 = new("gradient_norm.cu", "gradient_norm_partials", "BFLOAT16=1");

    /// <summary>The second launch, whatever the gradients' type.</summary>
    public static KernelVariant Finish { get; } = new("gradient_norm.cu", "gradient_norm_finish", "BFLOAT16=0");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [PartialsOfFloat32, PartialsOfBFloat16, Finish];

    /// <summary>The first launch.</summary>
    public static KernelVariant Partials(DataType dataType) =>
        dataType == DataType.BFloat16 ? PartialsOfBFloat16 : PartialsOfFloat32;
}
