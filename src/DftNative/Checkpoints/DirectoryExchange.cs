using System.Runtime.InteropServices;

namespace DftNative.Checkpoints;

/// <summary>Two directories that exchange their names at one moment (renameat2 of Linux), so that there is never none of that name.</summary>
internal static partial class DirectoryExchange
{
    /// <summary>AT_FDCWD: paths that are not absolute are meant from the working directory.</summary>
    private const int WorkingDirectory = -100;

    /// <summary>RENAME_EXCHANGE.</summary>
    private const uint Exchange = 2;

    /// <summary>Exchanges the names; false: nothing has happened, since this system or the file system cannot.</summary>
    public static bool TrySwap(string left, string right)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return RenameAt(WorkingDirectory, left, WorkingDirectory, right, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            // glibc before 2.28, and other C libraries.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt(int leftDirectory, string left, int rightDirectory, string right, uint flags);
}
