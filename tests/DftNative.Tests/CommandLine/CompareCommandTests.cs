using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;

namespace DftNative.Tests.CommandLine;

/// <summary>compare as a process.</summary>
public sealed class CompareCommandTests
{
    private const string Small =
        "task: addition\ndemonstrations: 32\nproblems: 8\ncurve_points: 2\ncurve_problems: 4\nlosses: [sft, dft]\nbatch_sizes: [4]\nseeds: [1, 2]\n";

    [Test]
    public void MistakesEndBeforeAnythingIsComputed()
    {
        using var scratch = new ScratchDirectory();
        var sound = scratch.Write("sound.yaml", Small + "learning_rates: [1e-3]\n");
        Check(ExitCode.Usage, "--config", "compare");
        Check(ExitCode.Usage, "no-such.yaml", "compare", "--config", scratch.PathOf("no-such.yaml"));
        Check(ExitCode.Usage, "did you mean 'problems'", "compare", "--config", scratch.Write("typo.yaml", "problem: 3\n"));
        Check(ExitCode.Usage, "jobs: 'many'", "compare", "--config", sound, "--jobs", "many");
        Check(ExitCode.Device, "cuda", "compare", "--config", sound, "--device", "cuda:99");
        Check(ExitCode.Usage, "sound.yaml", "compare", "--config", sound, "--device", "cpu", "--output", scratch.FullName);
    }

    [Test]
    public void ATableAndItsFilesAndExit5WhereARunFails()
    {
        using var scratch = new ScratchDirectory();
        var config = scratch.Write("grid.yaml", Small + "learning_rates: [1e-3, 1e38]\n");
        using var compare = new CommandLineProcess("compare", "--config", config, "--output", scratch.PathOf("out"), "--device", "cpu", "--jobs", "2");
        Assert.Multiple(() =>
        {
            Assert.That(compare.Wait(), Is.EqualTo((int)ExitCode.NonFinite), compare.Error);
            Assert.That(compare.Output, Does.Contain("2 runs at once").And.Contain("[8/8]").And.Match("(?m)^loss +learning rate +batch +mean").And.Match("(?m)^dft +0.001 +4 +[0-9.]+ %"));
            Assert.That(compare.Error, Does.Contain("error: 4 of 8 runs failed"));
            foreach (var file in new[] { "compare.json", "report.html", "compare.svg" }) Assert.That(File.Exists(scratch.PathOf(Path.Combine("out", file))), file);
        });
    }

    [Test]
    public void AModelAndItsDataAreComparedByTheirHeldOutLoss()
    {
        using var run = new TinyRun();
        File.WriteAllLines(run.PathOf("rows.jsonl"), TinyRun.Rows().Select(row => $$"""{"input_ids": [{{string.Join(", ", row.InputIds)}}], "labels": [{{string.Join(", ", row.Labels)}}]}"""));
        File.WriteAllText(
            run.PathOf("grid.yaml"),
            $"""
            model: {run.ModelPath}
            data: {run.PathOf("rows.jsonl")}
            eval_data: {run.PathOf("rows.jsonl")}
            eval_steps: 2
            save_final: true
            losses: [sft, asft]
            learning_rates: [1e-3]
            batch_sizes: [5]
            seeds: [1]
            """);
        using var compare = new CommandLineProcess("compare", "--config", run.PathOf("grid.yaml"), "--output", run.PathOf("out"), "--device", "cpu");
        Assert.Multiple(() =>
        {
            Assert.That(compare.Wait(), Is.Zero, compare.Error);
            Assert.That(compare.Output, Does.Match(@"\[2/2\] asft, .*: NLL [0-9.]+").And.Match("(?m)^asft +0.001 +5 +[0-9.]+ "));
            Assert.That(File.Exists(run.PathOf("out/runs/asft-lr0.001-b5-s1/train/final/model.safetensors")));
        });
    }

    /// <summary>Stopped, killed, and run again: what is finished stays, and the numbers are those of a comparison that nothing happened to.</summary>
    [Test]
    [Category("Slow")]
    public void AStopIsExit130AndAKillLosesOnlyTheRunInProgress()
    {
        using var scratch = new ScratchDirectory();
        var config = scratch.Write("grid.yaml", Small.Replace("demonstrations: 32", "demonstrations: 160", StringComparison.Ordinal) + "learning_rates: [1e-3]\n");
        using var whole = Start(config, scratch.PathOf("whole"));
        Assert.That(whole.Wait(), Is.Zero, whole.Error);
        using (var killed = Start(config, scratch.PathOf("out")))
        {
            killed.WaitForOutput("[1/4]");
            killed.Kill();
        }

        using var stopped = Start(config, scratch.PathOf("out"));
        stopped.WaitForOutput("[2/4]");
        stopped.Signal(CommandLineProcess.Terminate);
        var exitCode = stopped.Wait();
        var unfinished = File.ReadAllText(scratch.PathOf("out/report.html"));
        using var finished = Start(config, scratch.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(exitCode, Is.EqualTo((int)ExitCode.Interrupted), stopped.Error);
            Assert.That(stopped.Error, Does.Contain("the same command goes on"));
            Assert.That(unfinished, Does.Contain("Unfinished: "));
            Assert.That(finished.Wait(), Is.Zero, finished.Error);
            Assert.That(File.ReadAllText(scratch.PathOf("out/compare.json")), Is.EqualTo(File.ReadAllText(scratch.PathOf("whole/compare.json"))));
        });
    }

    private static CommandLineProcess Start(string config, string output) => new("compare", "--config", config, "--output", output, "--device", "cpu", "--jobs", "1");

    private static void Check(ExitCode exitCode, string message, params string[] args)
    {
        using var process = new CommandLineProcess(args);
        Assert.Multiple(() =>
        {
            Assert.That(process.Wait(), Is.EqualTo((int)exitCode), process.Error);
            Assert.That(process.Error, Does.StartWith("error: ").And.Contain(message).IgnoreCase);
        });
    }
}
