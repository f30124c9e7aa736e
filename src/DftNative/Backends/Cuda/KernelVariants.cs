namespace DftNative.Backends.Cuda;

/// <summary>
/// The list of all kernels that exist, each compiled on first use. Every one of them is compiled for every supported
/// architecture in the tests, so nothing outside this list may be launched.
/// </summary>
internal static class KernelVariants
{
    /// <summary>Every variant, file by file; at most 60.</summary>
    public static IReadOnlyList<KernelVariant> All { get; } =
    [
        .. AdamWKernels.All,
        .. AddRoundedKernels.All,
        .. AttentionKernels.All,
        .. ColumnSumKernels.All,
        .. ConvertKernels.All,
        .. EmbeddingKernels.All,
        .. GradientNormKernels.All,
        .. HeadRmsNormKernels.All,
        .. ResidualRmsNormKernels.All,
        .. RotaryEmbeddingKernels.All,
        .. RowsKernels.All,
        .. SamplingKernels.All,
        .. SelfTestKernels.All,
        .. SwiGluKernels.All,
        .. TokenLossKernels.All,
    ];
}
