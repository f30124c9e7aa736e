namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/rotary_embedding.cu.</summary>
internal static class RotaryEmbeddingKernels
{
    /// <summary>The rotation, forward and inverse.</summary>
    public static KernelVariant Rotate { get; } = new("rotary_embedding.cu", "rotary_embedding");

    /// <summary>The same where half a head is not whole packets.</summary>
    public static KernelVariant RotateNarrow { get; } = new("rotary_embedding.cu", "rotary_embedding_narrow");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Rotate, RotateNarrow];
}
