namespace DftNative;

/// <summary>Files that one process at a time has open. One that ends, however it ends, frees what it held.</summary>
internal static class FileLock
{
    /// <summary>Opens a file, and makes it if absent, unless somebody has.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="options">Whether it stays.</param>
    /// <returns>Frees it; null: it is held.</returns>
    public static FileStream? TryHold(string path, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, options);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
    }

    // A sharing violation: EWOULDBLOCK of flock (11 on Linux, 35 on macOS), or Windows' own error 32.
    private static bool IsHeld(IOException exception) => (exception.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code == 32 : code is 11 or 35);
}
