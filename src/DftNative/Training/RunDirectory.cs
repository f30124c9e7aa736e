using System.Text;
using DftNative.Checkpoints;
using DftNative.Reporting;

namespace DftNative.Training;

/// <summary>A run's output directory: what is where in it, and when a run may write there.</summary>
/// <param name="path">The directory; need not exist.</param>
public sealed class RunDirectory(string path)
{
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
    /// <see cref="ExitCode.Usage"/>: the directory holds something that is not resumed; <see cref="ExitCode.InvalidInput"/>: there is no such checkpoint.
    /// </exception>
    public string? Claim(string? resumeFromCheckpoint)
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
        if (!isOwn && Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            throw new DftNativeException(ExitCode.Usage, TrainingCheckpoint.Latest(Path) is null
                ? $"output_dir {Path} is not empty and has no checkpoint to go on from; name another, or remove it"
                : $"output_dir {Path} is not empty; name another, or continue the run in it with resume_from_checkpoint latest");
        }

        // A save that was killed has left its part.
        if (isOwn) AtomicDirectory.RemoveLeftovers(Path);
        return checkpoint;
    }

    /// <summary>Writes the options beside the results.</summary>
    internal void WriteResolvedConfiguration(TrainingOptions options) =>
        AtomicFile.Write(ResolvedConfigurationPath, Encoding.UTF8.GetBytes(TrainingOptionsFile.Format(options)));

    private static string FullPath(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
}
