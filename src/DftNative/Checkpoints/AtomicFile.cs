namespace DftNative.Checkpoints;

/// <summary>Files that are there wholly or not at all.</summary>
internal static class AtomicFile
{
    private const int BufferLength = 1 << 16;

    /// <summary>Writes under a temporary name in the same directory, flushes to the disk, and renames.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="DftNativeException">Exit code 6: it could not be written; the temporary file is removed and an earlier file stays.</exception>
    public static T Write<T>(string path, Func<Stream, T> write)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.tmp-{Guid.NewGuid():N}");
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
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, exception);
        }
        finally
        {
            if (!done) AtomicDirectory.RemoveQuietly(temporary);
        }
    }

    /// <summary>Writes bytes.</summary>
    public static void Write(string path, byte[] bytes) => Write(path, stream =>
    {
        stream.Write(bytes);
        return 0;
    });

    /// <summary>The error for a path that cannot be written.</summary>
    public static DftNativeException CannotWrite(string path, Exception exception) =>
        new(ExitCode.CannotWrite, $"{path}: cannot be written: {exception.Message}", exception);
}
