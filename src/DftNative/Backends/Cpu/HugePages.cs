using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>
/// Pages of 2 MiB for large memory: weights are read at memory's speed only where a step across rows is not a walk of
/// the page table. Linux gives them on request (madvise(2), MADV_HUGEPAGE), other systems are not asked.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of such a page on x86-64 and, with 4 KiB granules, on ARM.</summary>
    public const uint SizeInBytes = 2 << 20;

    private const int AdviceHugePage = 14;

    /// <summary>Asks for huge pages wherever whole ones fit. It is advice: a kernel without them changes nothing.</summary>
    /// <param name="start">Aligned to <see cref="SizeInBytes"/> if there is room for one.</param>
    /// <param name="sizeInBytes">Bytes from there; the rest behind the last whole page stays in small ones, so that nothing grows.</param>
    public static void Advise(void* start, long sizeInBytes)
    {
        var whole = sizeInBytes / SizeInBytes * SizeInBytes;
        if (whole > 0 && OperatingSystem.IsLinux()) _ = Advise(start, (nuint)whole, AdviceHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
