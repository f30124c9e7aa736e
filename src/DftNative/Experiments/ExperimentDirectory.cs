using DftNative.Checkpoints;

namespace DftNative.Experiments;

/// <summary>A comparison's output directory: what is where in it.</summary>
/// <param name="path">The directory.</param>
internal sealed class ExperimentDirectory(string path)
{
    private const string RunsName = "runs";
    private const string LockName = ".lock";
    private const string ResultName = "result.json";
    private const string SettingsName = "settings.json";
    private const string NumbersName = "compare.json";
    private const string ReportName = "report.html";
    private const string PictureName = "compare.svg";

    /// <summary>compare.json.</summary>
    public string NumbersPath => Path.Combine(path, NumbersName);

    /// <summary>report.html.</summary>
    public string ReportPath => Path.Combine(path, ReportName);

    /// <summary>compare.svg.</summary>
    public string PicturePath => Path.Combine(path, PictureName);

    /// <summary>A run's directory.</summary>
    public string RunPath(ExperimentCell cell) => Path.Combine(path, RunsName, cell.Name);

    /// <summary>A run's result.json, which is there once the run is finished.</summary>
    public string ResultPath(ExperimentCell cell) => Path.Combine(RunPath(cell), ResultName);

    /// <summary>A run's settings.json, which is there once the run has begun.</summary>
    public string SettingsPath(ExperimentCell cell) => Path.Combine(RunPath(cell), SettingsName);

    /// <summary>Makes the directory, or takes one that a comparison has made.</summary>
    /// <returns>Keeps others out until it is disposed of, or the process ends in whatever way.</returns>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: it holds something else, or another comparison is running in it; <see cref="ExitCode.CannotWrite"/>.
    /// </exception>
    public IDisposable Claim()
    {
        if (string.IsNullOrWhiteSpace(path)) throw new DftNativeException(ExitCode.Usage, "output has no name; name a directory");
        if (File.Exists(path)) throw new DftNativeException(ExitCode.Usage, $"output {path} is a file; name a directory");
        try
        {
            AtomicFile.RemoveLeftovers(path, NumbersName, ReportName, PictureName);
            var names = Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)) : [];
            var foreign = names.FirstOrDefault(name => name is not (RunsName or NumbersName or ReportName or PictureName));
            if (foreign is not null) throw new DftNativeException(ExitCode.Usage, $"output {path} is neither empty nor a comparison's: it holds {foreign}; name another directory with --output");
            Directory.CreateDirectory(Path.Combine(path, RunsName));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWriteDirectory(path, exception);
        }

        return Lock();
    }

    private FileStream Lock()
    {
        try
        {
            return FileLock.TryHold(Path.Combine(path, RunsName, LockName), FileOptions.DeleteOnClose)
                ?? throw new DftNativeException(ExitCode.Usage, $"another comparison is running in {path}: wait for its end, or name another directory with --output");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWriteDirectory(path, exception);
        }
    }
}
