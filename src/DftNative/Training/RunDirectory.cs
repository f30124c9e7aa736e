using System.Text;
using DftNative.Checkpoints;
using DftNative.Reporting;

namespace DftNative.Training;

/// <summary>A run's output directory: what is where in it, and when a run may write there.</summary>
/// <param name="path">The directory; need not exist.</param>
public sealed class RunDirectory(string path)
{
    private const string LockName = ".lock";

    /// <summary>The directory.</summary>
    public string Path { get; } = path;

    /// <summary>The result, a model directory.</summary>
    public string FinalPath => System.IO.Path.Combine(Path, "final");

    /// <summary>One line a step.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, MetricsFile.FileName);

    /// <summary>The page that shows the run.</summary>
    public string ReportPath => System.IO.Path.Combine(Path, RunReport.FileName);

    /// <summary>TensorBoard's event files.</summary>
    public string TensorBoardPath => System.IO.Path.Combine(Path, "tensorboard");

    /// <summary>Every option as the run had it.</summary>
    public string ResolvedConfigurationPath => System.IO.Path.Combine(Path, "resolved_config.yaml");

    /// <summary>Finds the checkpoint to resume from, refuses to write over anything else, and removes what saves that were killed have left.</summary>
    /// <param name="resumeFromCheckpoint">A checkpoint, <c>latest</c>, or null for a new run.</param>
    /// <returns>The checkpoint's directory, or null.</returns>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: the directory holds something that is not resumed, or another run is writing there;
    /// <see cref="ExitCode.InvalidInput"/>: there is no such checkpoint.
    /// </exception>
    public string? Claim(string? resumeFromCheckpoint)
    {
        // A run that was killed has left the file, but nobody holds it.
        if (File.Exists(LockPath)) Lock().Dispose();
        return Find(resumeFromCheckpoint);
    }

    /// <summary>Makes the directory, keeps every other run out of it, and removes what saves that were killed have left: a large model's may not leave room for the next.</summary>
    /// <param name="resumeFromCheckpoint">What <see cref="Claim"/> was given.</param>
    /// <param name="claimed">What it gave.</param>
    /// <returns>Frees the directory.</returns>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: another run is writing there, or has since then; <see cref="ExitCode.CannotWrite"/>: it cannot be made.
    /// </exception>
    internal IDisposable Hold(string? resumeFromCheckpoint, string? claimed)
    {
        var held = Lock();
        try
        {
            if (Find(resumeFromCheckpoint) != claimed)
                throw new DftNativeException(ExitCode.Usage, $"another run has gone on in {Path} while this one was loaded; begin again to continue from its last checkpoint");
            AtomicDirectory.RemoveLeftovers(Path);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Writes the options beside the results.</summary>
    internal void WriteResolvedConfiguration(TrainingOptions options) =>
        AtomicFile.Write(ResolvedConfigurationPath, Encoding.UTF8.GetBytes(TrainingOptionsFile.Format(options)));

    private string LockPath => System.IO.Path.Combine(Path, LockName);

    private FileStream Lock()
    {
        try
        {
            Directory.CreateDirectory(Path);
            return FileLock.TryHold(LockPath, FileOptions.DeleteOnClose)
                ?? throw new DftNativeException(ExitCode.Usage, $"another run is writing to output_dir {Path}; wait for its end, or name another directory");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWriteDirectory(Path, exception);
        }
    }

    private string? Find(string? resumeFromCheckpoint)
    {
        if (File.Exists(Path)) throw new DftNativeException(ExitCode.Usage, $"output_dir {Path} is a file; name a directory");
        var checkpoint = resumeFromCheckpoint switch
        {
            null => null,
            "latest" => TrainingCheckpoint.Latest(Path)
                ?? throw new DftNativeException(ExitCode.InvalidInput, $"there is no whole checkpoint in {Path} to resume from; for a new run remove it, or name another output_dir, and leave resume_from_checkpoint out"),
            _ => resumeFromCheckpoint,
        };
        var isOwn = checkpoint is not null && System.IO.Path.GetDirectoryName(FullPath(checkpoint)) == FullPath(Path);
        if (!isOwn && Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any(entry => System.IO.Path.GetFileName(entry) != LockName))
        {
            throw new DftNativeException(ExitCode.Usage, TrainingCheckpoint.Latest(Path) is null
                ? $"output_dir {Path} is not empty and has no checkpoint to go on from; name another, or remove it"
                : $"output_dir {Path} is not empty; name another, or continue the run in it with resume_from_checkpoint latest");
        }

        // A save that was killed has left its part.
        if (isOwn) AtomicDirectory.RemoveLeftovers(Path);
        return checkpoint;
    }

    private static string FullPath(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
}
