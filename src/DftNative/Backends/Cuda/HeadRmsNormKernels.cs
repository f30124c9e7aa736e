namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/head_rmsnorm.cu.</summary>
internal static class HeadRmsNormKernels
{
    /// <summary>The forward kernel.</summary>
    public static KernelVariant Forward { get; } = new("head_rmsnorm.cu", "head_rmsnorm_forward");

    /// <summary>The backward kernel.</summary>
    public static KernelVariant Backward { get; } = new("head_rmsnorm.cu", "head_rmsnorm_backward");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Forward, Backward];
}
