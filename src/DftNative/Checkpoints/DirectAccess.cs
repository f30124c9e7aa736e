using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Checkpoints;

/// <summary>
/// Writing past the page cache (O_DIRECT of Linux): what is saved once and not read again soon neither waits for pages nor
/// drives others out of memory. Elsewhere, and where a file system has it not, nothing changes.
/// </summary>
internal static partial class DirectAccess
{
    private const int GetFlags = 3;
    private const int SetFlags = 4;

    /// <summary>EINVAL, by which a file system refuses a direct write.</summary>
    public const int InvalidArgument = 22;

    /// <summary>O_DIRECT, whose value each architecture chose for itself; 0 where it is not known.</summary>
    private static readonly int Direct = RuntimeInformation.ProcessArchitecture switch
    {
        _ when !OperatingSystem.IsLinux() => 0,
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => 0,
    };

    /// <summary>Turns it on or off for a file; false: it is not to be had. Addresses, places and lengths must then be multiples of a block.</summary>
    public static bool TrySet(SafeFileHandle file, bool isDirect)
    {
        if (Direct == 0) return false;
        var flags = Fcntl(file, GetFlags, 0);
        return flags >= 0 && Fcntl(file, SetFlags, isDirect ? flags | Direct : flags & ~Direct) == 0;
    }

    // Variadic in C; on these architectures an integer is passed as if it were not.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(SafeFileHandle file, int command, int argument);
}
