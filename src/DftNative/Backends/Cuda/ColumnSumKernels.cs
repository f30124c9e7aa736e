namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/column_sum.cu.</summary>
internal static class ColumnSumKernels
{
    /// <summary>Sums over parts of the rows.</summary>
    public static KernelVariant Partials { get; } = new("column_sum.cu", "column_sum_partials");

    /// <summary>Sums over the parts.</summary>
    public static KernelVariant Finish { get; } = new("column_sum.cu", "column_sum_finish");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Partials, Finish];
}
