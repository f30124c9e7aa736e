using DftNative.Backends;

namespace DftNative.Training.Planning;

/// <summary>A common size of GPU.</summary>
/// <param name="Name">The memory that it is sold with.</param>
/// <param name="Mebibytes">The memory that CUDA gives programs on such cards, as they report it.</param>
/// <param name="MultiprocessorCount">SMs.</param>
/// <param name="ComputeCapability">As CUDA numbers it.</param>
public sealed record GpuCard(string Name, int Mebibytes, int MultiprocessorCount, Version ComputeCapability)
{
    private const int MebibytesPerGibibyte = 1024;

    /// <summary>RTX 4090: 23.6 GiB. RTX 6000 Ada and L40S: 44.4. H100: 79.1. H200: 139.7. Others of the same name have up to a few GiB more.</summary>
    public static IReadOnlyList<GpuCard> All { get; } =
    [
        new("24 GB", 24_207, 128, new Version(8, 9)),
        new("48 GB", 45_465, 142, new Version(8, 9)),
        new("80 GB", 80_998, 132, new Version(9, 0)),
        new("141 GB", 143_052, 132, new Version(9, 0)),
    ];

    /// <summary>Its memory, with estimates of what a context and loaded code take of it.</summary>
    public DeviceMemory Memory => WithMemory((long)Mebibytes << 20);

    /// <summary>A device of so much memory that is otherwise like the nearest card.</summary>
    /// <param name="gibibytes">The memory that CUDA counts.</param>
    public static DeviceMemory OfSize(double gibibytes)
    {
        var mebibytes = gibibytes * MebibytesPerGibibyte;
        return All.MinBy(card => Math.Abs(card.Mebibytes - mebibytes))!.WithMemory((long)(mebibytes * (1 << 20)));
    }

    private DeviceMemory WithMemory(long bytes) => new(
        bytes, DeviceMemory.ContextBytesEstimate + Cuda.CublasLt.WorkspaceSize(ComputeCapability), IsUsedMeasured: false, DeviceMemory.LoadedCodeBytesEstimate,
        DeviceMemory.DriverPageSizeInBytes, MultiprocessorCount, ComputeCapability);
}
