namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/swiglu.cu.</summary>
internal static class SwiGluKernels
{
    /// <summary>The forward kernel.</summary>
    public static KernelVariant Forward { get; } = new("swiglu.cu", "swiglu_forward");

    /// <summary>The backward kernel.</summary>
    public static KernelVariant Backward { get; } = new("swiglu.cu", "swiglu_backward");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Forward, Backward];
}
