using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// What a multiprocessor holds (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability"): blocks
/// until registers, shared memory, warps or blocks run out.
/// </summary>
/// <param name="ComputeCapability">The device's.</param>
/// <param name="SharedMemoryInKibibytes">Shared memory, of which each block takes another KiB for the system.</param>
/// <param name="Warps">The most warps.</param>
/// <param name="MaximumBlocks">The most blocks.</param>
internal sealed record Multiprocessor(Version ComputeCapability, int SharedMemoryInKibibytes, int Warps, int MaximumBlocks)
{
    private const int Registers = 65536;

    /// <summary>Registers are given to a warp in units of so many: 8 a thread.</summary>
    private const int RegisterUnit = 256;

    private const int WarpSize = 32;

    /// <summary>The multiprocessor that code for an architecture runs on.</summary>
    public static Multiprocessor Of(string architecture) => architecture switch
    {
        "sm_80" => new(new Version(8, 0), 164, 64, 32),
        "sm_86" => new(new Version(8, 6), 100, 48, 16),
        "sm_89" => new(new Version(8, 9), 100, 48, 24),
        "sm_90" or "sm_90a" => new(new Version(9, 0), 228, 64, 32),
        _ => throw new ArgumentOutOfRangeException(nameof(architecture), architecture, "not known"),
    };

    /// <summary>Blocks that run at once.</summary>
    public int Blocks(int registersOfThread, KernelBlock block)
    {
        var warps = block.Threads / WarpSize;
        var registersOfWarp = ((registersOfThread * WarpSize) + RegisterUnit - 1) / RegisterUnit * RegisterUnit;
        return new[]
        {
            Registers / registersOfWarp / warps,
            SharedMemoryInKibibytes * 1024 / (block.SharedMemoryInBytes + 1024),
            Warps / warps,
            MaximumBlocks,
        }.Min();
    }
}
