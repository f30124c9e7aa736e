namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/embedding_backward.cu; forward gathers rows.</summary>
internal static class EmbeddingKernels
{
    private static readonly KernelVariant BackwardInFloat32 = new("embedding_backward.cu", "embedding_backward", "BFLOAT16=0");
    private static readonly KernelVariant BackwardInBFloat16 = new("embedding_backward.cu", "embedding_backward", "BFLOAT16=1");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [BackwardInFloat32, BackwardInBFloat16];

    /// <summary>The backward kernel for a table's gradient of that type.</summary>
    public static KernelVariant Backward(DataType dataType) => dataType == DataType.BFloat16 ? BackwardInBFloat16 : BackwardInFloat32;
}
