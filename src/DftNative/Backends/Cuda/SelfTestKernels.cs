namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/self_test.cu.</summary>
internal static class SelfTestKernels
{
    private const string FileName = "self_test.cu";

    /// <summary>mma.sync.m16n8k16.</summary>
    public static KernelVariant MultiplyAccumulate { get; } = new(FileName, "self_test_multiply_accumulate");

    /// <summary>ldmatrix, as it lies and transposed.</summary>
    public static KernelVariant LoadMatrices { get; } = new(FileName, "self_test_load_matrices");

    /// <summary>cp.async of 16 bytes, in two groups.</summary>
    public static KernelVariant CopyPacketAsync { get; } = new(FileName, "self_test_copy_packet_async");

    /// <summary>cp.async of 4 bytes.</summary>
    public static KernelVariant CopyElementAsync { get; } = new(FileName, "self_test_copy_element_async");

    /// <summary>ex2.approx.ftz.f32.</summary>
    public static KernelVariant Exp2Approximate { get; } = new(FileName, "self_test_exp2_approximate");

    /// <summary>cvt.rn.bf16x2.f32.</summary>
    public static KernelVariant ToBFloat16Pair { get; } = new(FileName, "self_test_to_bfloat16_pair");

    /// <summary>Butterflies of shfl.sync.bfly.</summary>
    public static KernelVariant WarpReductions { get; } = new(FileName, "self_test_warp_reductions");

    /// <summary>ld.global.cs of 2 to 16 bytes.</summary>
    public static KernelVariant StreamingLoads { get; } = new(FileName, "self_test_streaming_loads");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All { get; } =
    [
        MultiplyAccumulate, LoadMatrices, CopyPacketAsync, CopyElementAsync, Exp2Approximate, ToBFloat16Pair, WarpReductions, StreamingLoads,
    ];
}
