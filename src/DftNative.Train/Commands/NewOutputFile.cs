using DftNative.Checkpoints;

namespace DftNative.Train.Commands;

/// <summary>A file that is made before the work that fills it, so that a path that cannot be written costs none; gone again where nothing was written.</summary>
internal sealed class NewOutputFile : IDisposable
{
    private readonly FileStream stream;

    /// <summary>Makes the file.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>: it cannot be written, or is there.</exception>
    public NewOutputFile(string path)
    {
        try
        {
            stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(path, exception);
        }
    }

    /// <summary>What to write to.</summary>
    public Stream Stream => stream;

    /// <inheritdoc/>
    public void Dispose()
    {
        var isEmpty = stream.Length == 0;
        stream.Dispose();
        if (isEmpty) File.Delete(stream.Name);
    }
}
