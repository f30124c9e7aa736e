using System.CommandLine;
using DftNative.Demo;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>pretrain-demo</c>: makes the demo's base model again, from random weights.</summary>
internal static class PretrainDemoCommand
{
    private const int LoggingSteps = 50;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("pretrain-demo", "Pretrain the demo's base model from random weights: how the built-in one was made.");
        var catalog = CatalogOptions.AddTo(command, "output_dir", "device", "threads");
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            return (int)Run(options);
        });
        return command;
    }

    private static ExitCode Run(TrainingOptions options)
    {
        var output = options.OutputDirectory ?? throw new DftNativeException(ExitCode.Usage, "--output is missing: name an empty directory");
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping after this step and a checkpoint; once more to stop at once"));
        Console.WriteLine($"device: {choice}");
        var result = Console.IsOutputRedirected
            ? DemoPretraining.Run(backend, output, new PlainProgress(Console.Out, LoggingSteps), new ConsoleLogger(), stop.Token)
            : LiveProgress.Run(observer => DemoPretraining.Run(backend, output, observer, new ConsoleLogger(), stop.Token));
        if (result.Outcome == TrainingOutcome.Interrupted) throw new DftNativeException(ExitCode.Interrupted, $"pretrain-demo interrupted after step {result.StepsDone}");
        Console.WriteLine($"done: {result.FinalDirectory} holds the model");
        return ExitCode.Success;
    }
}
