using DftNative.Backends;
using DftNative.Bench.Kernels.Cases;

namespace DftNative.Bench.Kernels;

/// <summary>Every kernel at every shape: where a new kernel gets its line.</summary>
internal static class KernelCases
{
    /// <summary>The name of the rows that depend on a number of elements alone.</summary>
    public const string ArenaName = "arena";

    /// <summary>The cases of a model's layers.</summary>
    public static IEnumerable<KernelCase> OfModel(KernelProblem problem) =>
    [
        new EmbeddingForwardCase(problem),
        new EmbeddingBackwardCase(problem),
        new ResidualRmsNormForwardCase(problem),
        new ResidualRmsNormBackwardCase(problem),
        new HeadRmsNormForwardCase(problem),
        new HeadRmsNormBackwardCase(problem),
        new RotaryEmbeddingCase(problem),
        .. LinearShape.Of(problem.Shape).SelectMany<LinearShape, KernelCase>(linear =>
            [new LinearForwardCase(problem, linear), new LinearBackwardCase(problem, linear)]),
        new BiasGradientCase(problem),
        new AttentionForwardCase(problem, packed: false),
        new AttentionForwardCase(problem, packed: true),
        new AttentionDecodeCase(problem),
        new AttentionBackwardCase(problem, packed: false),
        new AttentionBackwardCase(problem, packed: true),
        new SwiGluForwardCase(problem),
        new SwiGluBackwardCase(problem),
        new RowCopyCase(problem, scatter: false),
        new RowCopyCase(problem, scatter: true),
        new TokenLossCase(problem),
        new TokenLossKernelCase(problem),
        new SampleTokensCase(problem),
    ];

    /// <summary>The cases of the optimizer and of conversions.</summary>
    /// <param name="problem">Named <see cref="ArenaName"/>.</param>
    /// <param name="length">Elements.</param>
    public static IEnumerable<KernelCase> OfArena(KernelProblem problem, long length) =>
    [
        new GradientNormCase(problem, length),
        new AdamWCase(problem, length, "exact"),
        new AdamWCase(problem, length, "lean"),
        new AdamWCase(problem, length, "tiny"),
        new AddRoundedCase(problem, length),
        new ConvertCase(problem, length, DataType.Float32, DataType.BFloat16),
        new ConvertCase(problem, length, DataType.BFloat16, DataType.Float32),
    ];
}
