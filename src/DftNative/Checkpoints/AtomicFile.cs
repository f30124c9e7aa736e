namespace DftNative.Checkpoints;

/// <summary>Files that are there wholly or not at all.</summary>
internal static class AtomicFile
{
    private const int BufferLength = 1 << 16;

    /// <summary>ENOSPC of Linux and macOS, which .NET leaves as an exception's HResult.</summary>
    private const int NoSpaceLeft = 28;

    /// <summary>Writes under a temporary name in the same directory, flushes to the disk, and renames.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="DftNativeException">Exit code 6: it could not be written; the temporary file is removed and an earlier file stays.</exception>
    public static T Write<T>(string path, Func<FileStream, T> write)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, TemporaryPrefix(Path.GetFileName(path)) + Guid.NewGuid().ToString("N"));
        var done = false;
        try
        {
            T result;
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferLength))
            {
                result = write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            done = true;
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return result;
        }
        catch (Exception exception) when (IsWriteError(exception))
        {
            throw CannotWrite(path, exception);
        }
        finally
        {
            if (!done) AtomicDirectory.RemoveQuietly(temporary);
        }
    }

    /// <summary>Removes what writes of these files that were killed have left beside them, and nothing else.</summary>
    /// <param name="directory">Need not exist.</param>
    /// <param name="names">The files' names.</param>
    public static void RemoveLeftovers(string directory, params ReadOnlySpan<string> names)
    {
        if (!Directory.Exists(directory)) return;
        foreach (var name in names)
            foreach (var path in Directory.EnumerateFiles(directory, TemporaryPrefix(name) + "*")) AtomicDirectory.RemoveQuietly(path);
    }

    /// <summary>Writes bytes.</summary>
    public static void Write(string path, byte[] bytes) => Write(path, stream =>
    {
        stream.Write(bytes);
        return 0;
    });

    /// <summary>
    /// Whether an exception says that a file cannot be written. A file beyond the user's or the file system's limit (EFBIG) .NET throws as an argument
    /// out of its range, even where no length was ever set.
    /// </summary>
    public static bool IsWriteError(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value", ActualValue: null };

    /// <summary>The error for a file that cannot be written.</summary>
    /// <param name="path">What the user knows it as.</param>
    /// <param name="exception">Why; the temporary path that .NET adds to its message says nothing to a user.</param>
    public static DftNativeException CannotWrite(string path, Exception exception) => CannotWrite(path, exception, isFile: true);

    /// <summary>The error for a directory in which nothing can be written.</summary>
    /// <inheritdoc cref="CannotWrite(string, Exception)"/>
    public static DftNativeException CannotWriteDirectory(string path, Exception exception) => CannotWrite(path, exception, isFile: false);

    private static DftNativeException CannotWrite(string path, Exception exception, bool isFile)
    {
        // Linux says that the folder is not there also where it is and takes no new files, as /proc.
        var missing = Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? "its folder takes no new files" : "its folder is not there";
        var reason = FileFault.Describe(path, exception, missing, isFile);
        var mend = exception.HResult == NoSpaceLeft ? "; free space, or write elsewhere" : "";
        return new DftNativeException(ExitCode.CannotWrite, $"{path}: cannot be written: {reason}{mend}", exception);
    }

    private static string TemporaryPrefix(string name) => $".{name}.tmp-";
}
