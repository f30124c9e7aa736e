namespace DftNative.Checkpoints;

/// <summary>Directories that are there wholly or not at all.</summary>
internal static class AtomicDirectory
{
    private const string Marker = ".tmp-";

    /// <summary>Fills a directory under a temporary name beside the target, flushes everything to the disk, and renames it.</summary>
    /// <param name="target">The directory; replaced if it exists.</param>
    /// <param name="fill">Writes into the given directory.</param>
    /// <exception cref="DftNativeException">Exit code 6: it could not be written; what was written is removed, and an earlier directory stays.</exception>
    public static void Write(string target, Action<string> fill)
    {
        target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var parent = Path.GetDirectoryName(target) ?? target;
        var temporary = Path.Combine(parent, $".{Path.GetFileName(target)}{Marker}{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(temporary);
            fill(temporary);
            DirectorySync.Flush(temporary);
            Replace(temporary, target);
            DirectorySync.Flush(parent);
        }
        catch (Exception exception) when (AtomicFile.IsWriteError(exception))
        {
            throw AtomicFile.CannotWriteDirectory(target, exception);
        }
        catch (DftNativeException exception) when (exception is { ExitCode: ExitCode.CannotWrite, InnerException: { } reason })
        {
            // A file of the temporary directory, which the user never sees.
            throw AtomicFile.CannotWriteDirectory(target, reason);
        }
        finally
        {
            RemoveQuietly(temporary);
        }
    }

    /// <summary>Removes what writes that were killed have left in a directory.</summary>
    public static void RemoveLeftovers(string parent)
    {
        if (!Directory.Exists(parent)) return;
        foreach (var path in Directory.EnumerateFileSystemEntries(parent, $".*{Marker}*")) RemoveQuietly(path);
    }

    /// <summary>Removes a directory or file; what cannot be removed stays.</summary>
    public static void RemoveQuietly(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
            else File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The error that led here says what is wrong; a second one would hide it.
        }
    }

    private static void Replace(string source, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(source, target);
            return;
        }

        // What was there is then under the temporary name, which is removed.
        if (DirectoryExchange.TrySwap(source, target)) return;
        var old = source + "-old";
        Directory.Move(target, old);
        try
        {
            Directory.Move(source, target);
        }
        catch
        {
            Directory.Move(old, target);
            throw;
        }

        RemoveQuietly(old);
    }
}
