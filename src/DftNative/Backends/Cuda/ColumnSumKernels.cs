namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/column_sum.cu.</summary>
internal static class ColumnSumKernels
{
    private static readonly KernelVariant FinishInFloat32 = new("column_sum.cu", "column_sum_finish", "BFLOAT16=0");
    private static readonly KernelVariant FinishInBFloat16 = new("column_sum.cu", "column_sum_finish", "BFLOAT16=1");

    /// <summary>Sums over parts of the rows, whatever the sums' type.</summary>
    public static KernelVariant Partials { get; } = new("column_sum.cu", "column_sum_partials", "BFLOAT16=0");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Partials, FinishInFloat32, FinishInBFloat16];

    /// <summary>Sums over the parts.</summary>
    public static KernelVariant Finish(DataType dataType) => dataType == DataType.BFloat16 ? FinishInBFloat16 : FinishInFloat32;
}
