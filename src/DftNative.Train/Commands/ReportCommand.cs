using System.CommandLine;
using DftNative.Reporting;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>report</c>: the page of a training run, whether it is complete or not.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "The --output of a run of train: complete, under way, interrupted or killed.", HelpName = "DIR" };
        var output = new Option<string>("--output") { Description = $"The page, which ends in .html; an earlier report is replaced. [{RunReport.FileName} in the run's directory]", HelpName = "FILE" };
        var command = new Command("report", "Write the report.html of a training run from its metrics, also while it runs and after it was killed.") { run, output };
        command.SetAction(parseResult =>
        {
            var directory = parseResult.GetValue(run) ?? throw new DftNativeException(ExitCode.Usage, "--run must be given");
            // A run's own report is always the program's, also one of an earlier version.
            if (parseResult.GetValue(output) is { } path) ReportFile.RequireReplaceable(path);
            else path = new RunDirectory(directory).ReportPath;
            Run(directory, path);
            return (int)ExitCode.Success;
        });
        return command;
    }

    private static void Run(string directory, string path)
    {
        var run = RunReport.Write(directory, path);
        if (run.State == RunState.Complete) Console.WriteLine(run.Describe());
        else Console.Error.WriteLine($"warning: {run.Describe()}");
        Console.WriteLine($"wrote {path}");
    }
}
