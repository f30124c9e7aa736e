namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/convert.cu.</summary>
internal static class ConvertKernels
{
    /// <summary>fp32 to bf16.</summary>
    public static KernelVariant FloatToBFloat16 { get; } = new("convert.cu", "float_to_bfloat16");

    /// <summary>bf16 to fp32.</summary>
    public static KernelVariant BFloat16ToFloat { get; } = new("convert.cu", "bfloat16_to_float");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [FloatToBFloat16, BFloat16ToFloat];
}
