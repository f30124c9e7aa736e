using DftNative.Tests.Evaluation.Benchmarks;
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
            Assert.That(compare.Error, Does.Contain("error: 4 of 8 runs failed").And.Contain("the others are compared"));
            foreach (var file in new[] { "compare.json", "report.html", "compare.svg" }) Assert.That(File.Exists(scratch.PathOf(Path.Combine("out", file))), file);
        });
    }

    [Test]
    public void WhereEveryRunFailsThereIsNothingToCompare()
    {
        using var scratch = new ScratchDirectory();
        var config = scratch.Write("grid.yaml", Small.Replace("[1, 2]", "[1]", StringComparison.Ordinal) + "learning_rates: [1e38]\n");
        using var compare = Start(config, scratch.PathOf("out"));
        Assert.That(compare.Wait(), Is.EqualTo((int)ExitCode.NonFinite), compare.Error);
        Assert.That(compare.Error, Does.Contain("error: 2 of 2 runs failed").And.Contain("there is nothing to compare").And.Not.Contain("others"));
    }

    [Test]
    public void AModelAndItsDataAreComparedByTheirHeldOutLoss()
    {
        using var run = new TinyRun();
        WriteGrid(run, "seeds: [1]\neval_steps: 2\nsave_final: true\n");
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

        var kept = Results(scratch.PathOf("out")).Count;

        using var stopped = Start(config, scratch.PathOf("out"));
        stopped.WaitForOutput("[2/4]");
        stopped.Signal(CommandLineProcess.Terminate);
        var exitCode = stopped.Wait();
        var unfinished = File.ReadAllText(scratch.PathOf("out/report.html"));
        using var finished = Start(config, scratch.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(kept, Is.InRange(1, 3), "killed half-way");
            Assert.That(exitCode, Is.EqualTo((int)ExitCode.Interrupted), stopped.Error);
            Assert.That(stopped.Error, Does.Contain("the same command goes on"));
            Assert.That(unfinished, Does.Contain("Unfinished: "));
            Assert.That(finished.Wait(), Is.Zero, finished.Error);
            Assert.That(File.ReadAllText(scratch.PathOf("out/compare.json")), Is.EqualTo(File.ReadAllText(scratch.PathOf("whole/compare.json"))));
            Assert.That(Results(scratch.PathOf("out")), Is.EqualTo(Results(scratch.PathOf("whole"))));
        });
    }

    /// <summary>Killed in the midst of a model's training, and stopped in the midst of another's: the same weights to the bit.</summary>
    [Test]
    [Category("Slow")]
    public void AModelsTrainingThatIsKilledGoesOnFromItsCheckpointToTheSameBits()
    {
        using var run = new TinyRun();
        WriteGrid(run, "seeds: [1]\nmax_steps: 200\nsave_steps: 2\nsave_total_limit: 3\nsave_final: true\n");
        using var whole = Start(run.PathOf("grid.yaml"), run.PathOf("whole"));
        Assert.That(whole.Wait(), Is.Zero, whole.Error);
        using (var killed = Start(run.PathOf("grid.yaml"), run.PathOf("out")))
        {
            WaitForCheckpoint("sft", killed);
            killed.Kill();
        }

        Assert.That(Results(run.PathOf("out")), Is.Empty, "killed in the midst of the first run");
        using var stopped = Start(run.PathOf("grid.yaml"), run.PathOf("out"));
        WaitForCheckpoint("asft", stopped);
        stopped.Signal(CommandLineProcess.Terminate);
        Assert.That(stopped.Wait(), Is.EqualTo((int)ExitCode.Interrupted), stopped.Error);
        using var finished = Start(run.PathOf("grid.yaml"), run.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(finished.Wait(), Is.Zero, finished.Error);
            Assert.That(stopped.Error + finished.Error, Does.Match(@"sft.*resumed from|resumed from .*/sft").And.Match("resumed from .*/asft"));
            Assert.That(File.ReadAllText(run.PathOf("out/compare.json")), Is.EqualTo(File.ReadAllText(run.PathOf("whole/compare.json"))));
            Assert.That(Results(run.PathOf("out")), Is.EqualTo(Results(run.PathOf("whole"))));
            foreach (var loss in new[] { "sft", "asft" }) Assert.That(TinyRun.Weights(run.PathOf($"out/runs/{loss}-lr0.001-b5-s1/train/final")), Is.EqualTo(TinyRun.Weights(run.PathOf($"whole/runs/{loss}-lr0.001-b5-s1/train/final"))), loss);
        });

        void WaitForCheckpoint(string loss, CommandLineProcess process)
        {
            var train = run.PathOf($"out/runs/{loss}-lr0.001-b5-s1/train");
            while (process.IsRunning && !(Directory.Exists(train) && Directory.GetDirectories(train, "checkpoint-*").Length > 1)) Thread.Sleep(5);
        }
    }

    /// <summary>What did not fit is said at once and at the end, and the exit code is eval's.</summary>
    [Test]
    public void ProblemsThatDoNotFitTheModelAreSaidAndExit3()
    {
        using var model = new EvaluationModel(maxPositions: 96);
        var problems = model.Write("sums.jsonl", $$"""
            {"problem": "What is 1 + 1?", "answer": 2}
            {"problem": "{{string.Concat(Enumerable.Repeat("What is 1 + 1? ", 30))}}", "answer": 2}
            """);
        var rows = model.Write("rows.jsonl", """{"input_ids": [5, 6, 7, 8], "labels": [-100, 6, 7, 8]}""");
        var config = model.Write("grid.yaml", $$"""
            {model: {{model.ModelPath}}, data: {{rows}}, eval_data: {{rows}}, benchmarks: {{problems}}, samples: 1, max_new_tokens: 2, max_steps: 1,
             losses: [sft], learning_rates: [1e-3], batch_sizes: [1], seeds: [1]}
            """);
        using var compare = Start(config, model.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(compare.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), compare.Error);
            Assert.That(compare.Error, Does.Contain("warning: 1 of the benchmarks' 2 problems cannot be put to the model").And.Contain("error: 1 problems could not be put to the models"));
            Assert.That(compare.Output, Does.Contain("[1/1]").And.Contain("report: "));
            Assert.That(File.ReadAllText(model.PathOf("out/compare.json")), Does.Contain("sums, problem 1: the prompt has"));
        });
    }

    /// <summary>The paper's Table 1: a column for each benchmark, and their mean.</summary>
    [Test]
    public void SeveralBenchmarksHaveATableOfTheirOwn()
    {
        using var model = new EvaluationModel();
        var rows = model.Write("rows.jsonl", """{"input_ids": [5, 6, 7, 8], "labels": [-100, 6, 7, 8]}""");
        var config = model.Write("grid.yaml", $$"""
            {model: {{model.ModelPath}}, data: {{rows}}, eval_data: {{rows}}, benchmarks: [{{model.WriteProblems(3)}}, {{model.WriteProblems(1, "more.jsonl")}}], samples: 1, max_new_tokens: 2,
             max_steps: 1, losses: [sft, dft], learning_rates: [1e-3], batch_sizes: [1], seeds: [1]}
            """);
        using var compare = Start(config, model.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(compare.Wait(), Is.Zero, compare.Error);
            Assert.That(compare.Output, Does.Match("(?m)^loss +sums +more +mean\r?$").And.Match("(?m)^dft( +[0-9.]+ %){3}\r?$").And.Contain("each weighing the same"));
            Assert.That(File.ReadAllText(model.PathOf("out/compare.json")).ReplaceLineEndings(""), Does.Match("\"benchmark_problems\": \\{ *\"sums\": 3, *\"more\": 1 *\\}"));
        });
    }

    /// <summary>The runs' results but for the times, by their files.</summary>
    private static Dictionary<string, string> Results(string output) => Directory.GetFiles(output, "result.json", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal)
        .ToDictionary(file => Path.GetRelativePath(output, file), file => string.Join('\n', File.ReadLines(file).Where(line => !line.Contains("\"training_seconds\"", StringComparison.Ordinal))));

    /// <summary>SFT against ASFT on a tiny model.</summary>
    private static void WriteGrid(TinyRun run, string more)
    {
        File.WriteAllLines(run.PathOf("rows.jsonl"), TinyRun.Rows().Select(row => $$"""{"input_ids": [{{string.Join(", ", row.InputIds)}}], "labels": [{{string.Join(", ", row.Labels)}}]}"""));
        File.WriteAllText(
            run.PathOf("grid.yaml"),
            $"""
            model: {run.ModelPath}
            data: {run.PathOf("rows.jsonl")}
            eval_data: {run.PathOf("rows.jsonl")}
            losses: [sft, asft]
            learning_rates: [1e-3]
            batch_sizes: [5]
            {more}
            """);
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
