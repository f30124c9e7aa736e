namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/add_rounded.cu.</summary>
internal static class AddRoundedKernels
{
    /// <summary>fp32 sums into bf16 gradients.</summary>
    public static KernelVariant Add { get; } = new("add_rounded.cu", "add_rounded");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Add];
}
