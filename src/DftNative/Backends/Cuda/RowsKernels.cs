namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/move_rows.cu.</summary>
internal static class RowsKernels
{
    private static readonly KernelVariant Words = new("move_rows.cu", "move_rows", "PACKETS=0");
    private static readonly KernelVariant Packets = new("move_rows.cu", "move_rows", "PACKETS=1");

    /// <summary>Every variant of the file.</summary>
    public static IEnumerable<KernelVariant> All => [Words, Packets];

    /// <summary>The kernel that moves 16 bytes a thread, or 4.</summary>
    public static KernelVariant Move(bool packets) => packets ? Packets : Words;
}
