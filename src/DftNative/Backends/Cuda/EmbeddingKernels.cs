namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/embedding_backward.cu; forward gathers rows.</summary>
internal static class EmbeddingKernels
{
    /// <summary>The backward kernel.</summary>
    public static KernelVariant Backward { get; } = new("embedding_backward.cu", "embedding_backward");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Backward];
}
