using System.CommandLine;
using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Experiments;
using DftNative.Train.Data;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>compare</c>: a grid of fine-tunes, and which loss is better.</summary>
internal static class CompareCommand
{
    private const string DefaultOutput = "compare-output";
    private const string AutomaticJobs = "auto";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("compare", "Train a grid of losses, learning rates, batch sizes and seeds, and compare what comes of them; run again, it goes on where it ended.");
        var config = new Option<string>("--config") { Description = "YAML file of the comparison; docs/compare.md has its keys.", HelpName = "FILE" };
        var output = new Option<string>("--output") { Description = $"Gets compare.json, report.html, compare.svg and runs/; may hold an unfinished comparison, which goes on. [{DefaultOutput}]", HelpName = "DIR" };
        var jobs = new Option<string>("--jobs") { Description = "Runs at once; auto: as many as cores for a task on a CPU, else 1. [auto]", HelpName = "auto|integer ≥ 1" };
        foreach (Option option in new Option[] { config, output, jobs }) command.Add(option);
        var catalog = CatalogOptions.AddTo(command, "device", "threads");
        command.SetAction(parseResult =>
        {
            var wantedJobs = ParseJobs(parseResult.GetValue(jobs) ?? AutomaticJobs);
            var experiment = ExperimentFile.Read(parseResult.GetValue(config) ?? throw new DftNativeException(ExitCode.Usage, "--config must be given"));
            catalog.Apply(parseResult, experiment.Options);
            return (int)Run(experiment, parseResult.GetValue(output) ?? DefaultOutput, wantedJobs);
        });
        return command;
    }

    /// <summary>The number; null: auto.</summary>
    private static int? ParseJobs(string text)
    {
        if (text == AutomaticJobs) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs) && jobs >= 1
            ? jobs
            : throw new DftNativeException(ExitCode.Usage, $"jobs: '{text}' is neither {AutomaticJobs} nor an integer ≥ 1");
    }

    private static ExitCode Run(Experiment experiment, string output, int? wantedJobs)
    {
        var options = experiment.Options;
        var jobs = wantedJobs ?? (experiment.Task is null ? 1 : Math.Min(Environment.ProcessorCount, experiment.CellCount));
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / jobs);
        // Opened here, so that a device that is not there is the first error, and what auto has chosen is known.
        IBackend? first = DeviceFactory.Open(options.Device, threads, out var choice);
        try
        {
            if (first is not CpuBackend)
            {
                if (wantedJobs > 1) throw new DftNativeException(ExitCode.Usage, $"jobs: {wantedJobs} runs at once need a CPU; on a GPU one run takes what there is: leave --jobs out, or use --device cpu");
                jobs = 1;
            }

            Console.WriteLine($"on {choice}{(jobs > 1 ? FormattableString.Invariant($", {jobs} runs at once") : "")}");
            using var inputs = experiment.Task is null ? ModelInputs.Open(experiment, jobs) : null;
            using IExperimentSubject subject = experiment.Task is { } task ? new DemoSubject(task) : inputs!.CreateSubject();
            return Run(new ExperimentRunner(experiment, subject, output, OpenBackend, jobs), output);
        }
        finally
        {
            first?.Dispose();
        }

        IBackend OpenBackend() => Interlocked.Exchange(ref first, null) ?? DeviceFactory.Open(options.Device, threads, out _);
    }

    private static ExitCode Run(ExperimentRunner runner, string output)
    {
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping; finished runs are kept; once more to stop at once"));
        try
        {
            var comparison = runner.Run(new PlainCompareProgress(Console.Out), stop.Token);
            CompareSummary.Write(comparison, output, Console.Out);
            if (comparison.Failures is [var first, ..])
            {
                var others = comparison.Failures.Count == comparison.FinishedCount ? "there is nothing to compare: lower learning_rates or check the model and the data" : "the others are compared";
                throw new DftNativeException(ExitCode.NonFinite, $"{comparison.Failures.Count} of {comparison.FinishedCount} runs failed, the first: {first.Cell}: {first.Reason}; {others}");
            }

            if (comparison.Unasked is [var problem, ..])
                throw new DftNativeException(ExitCode.InvalidInput, $"{comparison.Unasked.Count} problems could not be put to the models and count as wrong in every run, the first: {problem}; compare.json and the report list them; the others are compared");
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            throw new DftNativeException(ExitCode.Interrupted, $"comparison interrupted; finished runs are kept in {output}, and the same command goes on");
        }
    }
}
