using DftNative.Checkpoints;

namespace DftNative.Train.Commands;

/// <summary>A file that is made before the work that fills it, so that a path that cannot be written costs none; gone again where nothing was written.</summary>
/// <remarks>What is there and empty is taken: a process that was killed before its first row has left it, and the same command is to go again.</remarks>
internal sealed class NewOutputFile : IDisposable
{
    private readonly FileStream stream;
    private readonly bool wasThere;

    /// <summary>Makes the file.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>: it cannot be written, or has contents.</exception>
    public NewOutputFile(string path)
    {
        try
        {
            wasThere = File.Exists(path);
            if (IsTaken(path)) throw new IOException("it is there already");
            stream = new FileStream(path, wasThere ? FileMode.Open : FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    /// <summary>What to write to.</summary>
    public Stream Stream => stream;

    /// <summary>Whether a file is there that has contents.</summary>
    public static bool IsTaken(string path) => new FileInfo(path) is { Exists: true, Length: > 0 };

    /// <inheritdoc/>
    public void Dispose()
    {
        var isEmpty = !wasThere && stream.Length == 0;
        stream.Dispose();
        if (isEmpty) File.Delete(stream.Name);
    }
}
