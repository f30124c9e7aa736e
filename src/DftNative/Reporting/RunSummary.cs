using System.Globalization;
using DftNative.Checkpoints;
using DftNative.Training;

namespace DftNative.Reporting;

/// <summary>A training run as its output directory tells it, whether it is complete or not.</summary>
public sealed class RunSummary
{
    private RunSummary(string directory, RunMetrics metrics, TrainingOptions? options)
    {
        (Directory, Metrics, Options) = (directory, metrics, options);
        PlannedSteps = CountPlannedSteps();
        LatestCheckpoint = TrainingCheckpoint.Latest(directory) is { } checkpoint ? Path.GetFileName(checkpoint) : null;
        State = FindState();
    }

    /// <summary>The run's output directory.</summary>
    public string Directory { get; }

    /// <summary>What every step wrote.</summary>
    public RunMetrics Metrics { get; }

    /// <summary>The options as the run had them; null: resolved_config.yaml is missing or of another version.</summary>
    public TrainingOptions? Options { get; }

    /// <summary>Steps of the whole run; null: not known.</summary>
    public int? PlannedSteps { get; }

    /// <summary>The name of the newest whole checkpoint; null: there is none.</summary>
    public string? LatestCheckpoint { get; }

    /// <summary>How far it came.</summary>
    public RunState State { get; }

    /// <summary>The state in a sentence or two: what happened, and how to go on.</summary>
    public string Describe()
    {
        var metrics = Metrics;
        var of = PlannedSteps is { } planned ? Invariant($"{metrics.LastStep:N0} of {planned:N0} steps") : Invariant($"{metrics.LastStep:N0} steps");
        var goOn = LatestCheckpoint is null
            ? "There is no checkpoint to go on from."
            : $"It goes on from {LatestCheckpoint} with --resume_from_checkpoint latest.";
        return State switch
        {
            RunState.Complete => $"The run is complete: {of}.",
            RunState.NotFinite => Invariant($"The run ended at step {metrics.LastStep:N0}: the loss or the gradient was not finite, {metrics.SkippedAtEnd} in a row. ")
                + (LatestCheckpoint is null ? "No checkpoint was saved." : $"The last checkpoint is {LatestCheckpoint}."),
            _ when metrics.LastStep == PlannedSteps => $"All {of} are done, but the result was not saved. {goOn}",
            _ => $"The run is unfinished: {of}. {goOn}",
        };
    }

    /// <summary>Reads a directory.</summary>
    /// <param name="directory">The <c>output_dir</c> of a run.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is missing or has no metrics.jsonl, or that has no whole step or is damaged.</exception>
    public static RunSummary Read(string directory)
    {
        var run = new RunDirectory(directory);
        if (!System.IO.Directory.Exists(directory))
            throw new DftNativeException(ExitCode.InvalidInput, File.Exists(directory) ? $"{directory} is a file; name the output directory of a run of train" : $"{directory}: there is no such directory; name the output directory of a run of train");
        if (!File.Exists(run.MetricsPath))
            throw new DftNativeException(ExitCode.InvalidInput, $"{directory} has no {MetricsFile.FileName}: name the output directory of a run of train");
        var metrics = RunMetrics.Read(run.MetricsPath);
        if (metrics.StepCount == 0) throw new DftNativeException(ExitCode.InvalidInput, $"{run.MetricsPath} has no whole step yet: there is nothing to report");
        return new RunSummary(directory, metrics, ReadOptions(run.ResolvedConfigurationPath));
    }

    private static TrainingOptions? ReadOptions(string path)
    {
        try
        {
            var options = new TrainingOptions();
            TrainingOptionsFile.Read(path, options);
            return options;
        }
        catch (DftNativeException)
        {
            return null;
        }
    }

    private int? CountPlannedSteps()
    {
        if (Options is null) return null;
        if (Options.MaxSteps > 0) return Options.MaxSteps;
        return Metrics.LastEpoch > 0 ? (int)Math.Ceiling(Options.NumTrainEpochs * Math.Round(Metrics.LastStep / Metrics.LastEpoch)) : null;
    }

    private RunState FindState()
    {
        var isLast = Metrics.LastStep == PlannedSteps;
        if (Metrics.SkippedAtEnd > 0 && (isLast || Metrics.SkippedAtEnd >= Options?.MaxSkippedSteps)) return RunState.NotFinite;
        var hasResult = Options?.SaveFinal == false || System.IO.Directory.Exists(new RunDirectory(Directory).FinalPath);
        return (isLast || PlannedSteps is null) && hasResult ? RunState.Complete : RunState.Unfinished;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
