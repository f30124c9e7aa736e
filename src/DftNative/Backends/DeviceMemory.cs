namespace DftNative.Backends;

/// <summary>A GPU's memory, and what of the device decides how much a run takes of it.</summary>
/// <param name="TotalBytes">The memory that CUDA counts: less than a card is named after.</param>
/// <param name="UsedBytes">What is taken before a run allocates: the context, libraries' workspaces, other processes.</param>
/// <param name="IsUsedMeasured">Whether <paramref name="UsedBytes"/> is the driver's count; else it is an estimate.</param>
/// <param name="LaterBytes">An estimate of what the driver takes for itself during a run: the code of kernels and libraries, loaded on first use.</param>
/// <param name="PageSizeInBytes">The driver hands memory out in pages of so many bytes; 1: exactly what is asked for.</param>
/// <param name="MultiprocessorCount">The number of SMs.</param>
/// <param name="ComputeCapability">9.0 for an H200.</param>
public sealed record DeviceMemory(
    long TotalBytes, long UsedBytes, bool IsUsedMeasured, long LaterBytes, long PageSizeInBytes, int MultiprocessorCount, Version ComputeCapability)
{
    /// <summary>
    /// The driver's pages for memory of a megabyte and more. Smaller allocations share pages.
    /// </summary>
    public const long DriverPageSizeInBytes = 2 << 20;

    /// <summary>An estimate of a context's size, not measured: what tools report for such a process on recent cards lies between 0.3 and 0.6 GiB.</summary>
    public const long ContextBytesEstimate = 512L << 20;

    /// <summary>An estimate, not measured, of the code that is loaded on first use: this project's kernels are small, cuBLASLt's are not.</summary>
    public const long LoadedCodeBytesEstimate = 256L << 20;
}
