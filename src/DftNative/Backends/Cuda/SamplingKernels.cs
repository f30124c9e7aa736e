namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/sample_token.cu.</summary>
internal static class SamplingKernels
{
    /// <summary>A token from each row.</summary>
    public static KernelVariant Sample { get; } = new("sample_token.cu", "sample_token");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Sample];
}
