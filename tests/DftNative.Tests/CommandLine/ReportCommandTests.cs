using DftNative.Tests.Training;

namespace DftNative.Tests.CommandLine;

/// <summary>report as a process: what it says and its exit statuses.</summary>
public sealed class ReportCommandTests
{
    [Test]
    public void AnUnfinishedRunIsReportedWithAWarningAndNothingToReportIsAnError()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 2);
        File.Delete(run.PathOf("out/report.html"));
        using var unfinished = new CommandLineProcess("report", "--run", run.PathOf("out"));
        using var elsewhere = new CommandLineProcess("report", "--run", run.PathOf("out"), "--output", run.PathOf("page.html"));
        using var nothing = new CommandLineProcess("report", "--run", run.ModelPath);
        var metrics = File.ReadAllText(run.PathOf("out/metrics.jsonl"));
        using var over = new CommandLineProcess("report", "--run", run.PathOf("out"), "--output", run.PathOf("out/metrics.jsonl"));
        using var missing = new CommandLineProcess("report", "--run", run.PathOf("no-run"));
        using var unnamed = new CommandLineProcess("report");
        Assert.Multiple(() =>
        {
            Assert.That(unfinished.Wait(), Is.EqualTo((int)ExitCode.Success), unfinished.Error);
            Assert.That(unfinished.Error, Is.EqualTo("warning: The run is unfinished: 2 of 12 steps. It goes on from checkpoint-2 with --resume_from_checkpoint latest.\n"));
            Assert.That(unfinished.Output, Is.EqualTo($"wrote {run.PathOf("out/report.html")}\n"));
            Assert.That(File.Exists(run.PathOf("out/report.html")));
            Assert.That(elsewhere.Wait(), Is.Zero, elsewhere.Error);
            Assert.That(File.Exists(run.PathOf("page.html")));
            Assert.That(nothing.Wait(), Is.EqualTo((int)ExitCode.InvalidInput));
            Assert.That(nothing.Error, Does.Contain("has no metrics.jsonl"));
            Assert.That((over.Wait(), File.ReadAllText(run.PathOf("out/metrics.jsonl"))), Is.EqualTo(((int)ExitCode.Usage, metrics)), over.Error);
            Assert.That((missing.Wait(), missing.Error.Contains("no-run: there is no such directory", StringComparison.Ordinal)), Is.EqualTo(((int)ExitCode.InvalidInput, true)), missing.Error);
            Assert.That(unnamed.Wait(), Is.EqualTo((int)ExitCode.Usage));
        });
    }
}
