namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/adamw.cu: one a precision mode.</summary>
internal static class AdamWKernels
{
    /// <summary>A split fp32 master; gradients and moments fp32.</summary>
    public static KernelVariant Exact { get; } = Variant(splitMaster: 1, reducedState: 0);

    /// <summary>A split fp32 master; gradients and moments bf16.</summary>
    public static KernelVariant Lean { get; } = Variant(splitMaster: 1, reducedState: 1);

    /// <summary>bf16 alone.</summary>
    public static KernelVariant Tiny { get; } = Variant(splitMaster: 0, reducedState: 1);

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Exact, Lean, Tiny];

    private static KernelVariant Variant(int splitMaster, int reducedState) =>
        new("adamw.cu", "adamw", $"SPLIT_MASTER={splitMaster}", $"REDUCED_STATE={reducedState}");
}
