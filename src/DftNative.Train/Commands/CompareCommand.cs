using System.CommandLine;
using DftNative.Backends;
using DftNative.Experiments;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>compare</c>: a grid of fine-tunes, and which loss is better.</summary>
internal static class CompareCommand
{
    private const string DefaultOutput = "compare-output";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("compare", "Train a grid of losses, learning rates, batch sizes and seeds, and compare what comes of them; run again, it goes on where it ended.");
        var config = new Option<string>("--config") { Description = "YAML file of the comparison; docs/compare.md has its keys.", HelpName = "FILE" };
        var output = new Option<string>("--output") { Description = $"Gets compare.json, report.html and runs/; may hold an unfinished comparison, which goes on. [{DefaultOutput}]", HelpName = "DIR" };
        var jobs = new Option<string>("--jobs") { Description = "Runs at once; auto: on a CPU one a core, on a GPU one. [auto]", HelpName = "auto|integer ≥ 1" };
        foreach (Option option in new Option[] { config, output, jobs }) command.Add(option);
        var catalog = CatalogOptions.AddTo(command, "device", "threads");
        command.SetAction(parseResult =>
        {
            var experiment = ExperimentFile.Read(parseResult.GetValue(config) ?? throw new DftNativeException(ExitCode.Usage, "--config must be given"));
            catalog.Apply(parseResult, experiment.Options);
            OptionCatalog.Validate(experiment.Options with { LossType = Losses.LossType.Sft });
            return (int)Run(experiment, parseResult.GetValue(output) ?? DefaultOutput, parseResult.GetValue(jobs) ?? "auto");
        });
        return command;
    }

    private static ExitCode Run(Experiment experiment, string output, string jobsText)
    {
        var jobs = jobsText == "auto" ? Environment.ProcessorCount : int.Parse(jobsText);
        var options = experiment.Options;
        var threads = options.Threads > 0 ? options.Threads : Math.Max(1, Environment.ProcessorCount / jobs);
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping; finished runs are kept"));
        var runner = new ExperimentRunner(experiment, output, () => DeviceFactory.Open(options.Device, threads, out _), jobs);
        var comparison = runner.Run(new PlainCompareProgress(Console.Out), stop.Token);
        return comparison.Failures.Count > 0 ? ExitCode.NonFinite : ExitCode.Success;
    }
}
