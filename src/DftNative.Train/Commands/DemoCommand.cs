using System.CommandLine;
using DftNative.Demo;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>demo</c>: SFT against DFT on the built-in model and task.</summary>
internal static class DemoCommand
{
    private const string DefaultOutput = "demo-output";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", "Fine-tune the built-in model with SFT and with DFT, compare them on held-out problems, and write a report.");
        var output = new Option<string>("--output") { Description = $"Gets demo.json, report.html, the models and their rows; replaced if it is a demo's. [{DefaultOutput}]", HelpName = "DIR" };
        var seed = new Option<long>("--seed") { Description = $"Of demonstrations, held-out problems and sampling. [{new DemoSettings().Seed}]", HelpName = "integer" };
        // For trials on slow devices: a result of fewer steps or problems says nothing about the losses.
        var steps = new Option<int>("--steps") { Hidden = true };
        var problems = new Option<int>("--problems") { Hidden = true };
        foreach (Option option in new Option[] { output, seed, steps, problems }) command.Add(option);
        var catalog = CatalogOptions.AddTo(command, "device", "threads");
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            var settings = new DemoSettings();
            if (parseResult.GetResult(seed) is { Implicit: false }) settings = settings with { Seed = parseResult.GetValue(seed) };
            if (parseResult.GetValue(steps) is > 0 and var stepCount) settings = settings with { StepCount = stepCount };
            if (parseResult.GetValue(problems) is > 0 and var problemCount)
                settings = settings with { ProblemCount = problemCount, CurveProblemCount = Math.Min(problemCount, settings.CurveProblemCount) };
            Run(options, settings, parseResult.GetValue(output) ?? DefaultOutput);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Run(TrainingOptions options, DemoSettings settings, string output)
    {
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping; nothing will be written"));
        Console.WriteLine($"device: {choice}");
        try
        {
            var result = Console.IsOutputRedirected
                ? DemoRunner.Run(backend, settings, output, new PlainDemoProgress(settings, Console.Out), stop.Token)
                : LiveDemoProgress.Run(settings, observer => DemoRunner.Run(backend, settings, output, observer, stop.Token));
            DemoSummary.Write(result, output);
        }
        catch (OperationCanceledException)
        {
            throw new DftNativeException(ExitCode.Interrupted, $"demo interrupted; {output} is as it was");
        }
    }
}
