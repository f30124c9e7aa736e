using System.Runtime.InteropServices;

namespace DftNative.Checkpoints;

/// <summary>Makes renames in a directory survive a power failure (fsync of the directory; nothing to do on Windows).</summary>
internal static partial class DirectorySync
{
    private const int ReadOnly = 0;
    private const int IoError = 5;
    private const int NoSpace = 28;

    /// <summary>Flushes a directory's entries to the disk.</summary>
    /// <exception cref="IOException">The disk reported an error.</exception>
    public static void Flush(string directory)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0) throw new IOException($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            // Some file systems (FUSE, SMB) cannot flush a directory and say so; a disk that fails or is full is another matter.
            if (Fsync(descriptor) != 0 && Marshal.GetLastPInvokeError() is var error and (IoError or NoSpace))
                throw new IOException($"{directory}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
