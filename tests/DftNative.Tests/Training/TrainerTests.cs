using System.Text.Json;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Whole runs on a tiny model: what they write, learn, skip and refuse.</summary>
public sealed class TrainerTests
{
    private static readonly string[] MetricNames =
    [
        "step", "epoch", "tokens", "tokens_total", "loss", "nll", "mean_token_probability", "token_accuracy", "grad_norm", "learning_rate",
        "step_seconds", "tokens_per_second", "padding_fraction", "memory_bytes",
    ];

    [Test]
    public void ARunLearnsAndWritesWhatItPromises()
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows();
        var result = run.Train(run.Options("out"), rows, TinyRun.Rows(5, seed: 2));
        var metrics = Metrics(run.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(result.Outcome, Is.EqualTo(TrainingOutcome.Completed));
            Assert.That(metrics.Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(1, 12)));
            foreach (var name in MetricNames) Assert.That(metrics.All(step => step.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number), name);
            Assert.That(Number(metrics[3], "epoch"), Is.EqualTo(1));
            Assert.That(Number(metrics[^1], "tokens_total"), Is.EqualTo(3 * rows.Sum(row => row.InputIds.Length)));
            Assert.That(Number(metrics[0], "learning_rate"), Is.Zero);
            Assert.That(Number(metrics[2], "learning_rate"), Is.EqualTo(3e-3));
            Assert.That(Number(metrics[^1], "nll"), Is.LessThan(Number(metrics[0], "nll") - 0.2));
            Assert.That(metrics[^1].TryGetProperty("eval_nll", out _), Is.True);
            Assert.That(metrics[^2].TryGetProperty("eval_nll", out _), Is.False);
            Assert.That(Directory.GetFiles(run.PathOf("out/tensorboard")), Has.Length.EqualTo(1));
            Assert.That(File.ReadAllText(run.PathOf("out/resolved_config.yaml")), Does.Contain("learning_rate: 0.003").And.Contain("warmup_ratio: 0.1"));
            Assert.That(TrainingCheckpoint.List(run.PathOf("out")).Select(checkpoint => checkpoint.Step), Is.EqualTo(new[] { 4, 8, 12 }));
        });
        using var final = ModelDirectory.Open(run.PathOf("out/final"));
        Assert.That(TinyRun.Weights(final.Path), Is.EqualTo(TinyRun.Weights(run.PathOf("out/checkpoint-12"))).And.Not.EqualTo(TinyRun.Weights(run.ModelPath)));
    }

    [Test]
    public void EachEpochSeesEveryRowOnce([Values] bool dropLast)
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows();
        run.Train(run.Options("out") with { DropLast = dropLast, NumTrainEpochs = 1 }, rows);
        var metrics = Metrics(run.PathOf("out"));
        var all = rows.Sum(row => row.InputIds.Length);
        Assert.Multiple(() =>
        {
            Assert.That(metrics, Has.Count.EqualTo(dropLast ? 3 : 4));
            Assert.That(metrics.Sum(step => Number(step, "tokens")), dropLast ? Is.LessThan(all) : Is.EqualTo(all));
        });
    }

    [Test]
    public void MaxStepsGoesBeforeEpochs()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out") with { MaxSteps = 5 });
        Assert.That(Metrics(run.PathOf("out")), Has.Count.EqualTo(5));
    }

    [Test]
    public void TheResultDoesNotDependOnMicroBatchOrPackingBeyondRounding()
    {
        using var run = new TinyRun();
        run.Train(run.Options("whole") with { MaxSteps = 2, MicroBatchTokens = null });
        run.Train(run.Options("cut") with { MaxSteps = 2, MicroBatchTokens = 25 });
        run.Train(run.Options("alone") with { MaxSteps = 2, Packing = false });
        var expected = Metrics(run.PathOf("whole"));
        foreach (var other in new[] { "cut", "alone" })
        {
            var metrics = Metrics(run.PathOf(other));
            foreach (var name in new[] { "loss", "nll", "grad_norm", "mean_token_probability" })
                for (var step = 0; step < 2; step++) Assert.That(Number(metrics[step], name), Is.EqualTo(Number(expected[step], name)).Within(1e-3).Percent, name);
        }
    }

    [Test]
    public void AStepWithoutTargetsChangesNothing()
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows(7).Select((row, i) => i == 3 ? row : row with { Labels = [.. row.Labels.Select(_ => TrainingRow.IgnoredLabel)] }).ToList();
        run.Train(run.Options("out") with { GlobalBatchSize = 1, NumTrainEpochs = 1, SaveSteps = 1, WarmupRatio = 0 }, rows);
        var metrics = Metrics(run.PathOf("out"));
        var trained = metrics.FindIndex(step => Number(step, "targets") > 0);
        Assert.Multiple(() =>
        {
            Assert.That(metrics, Has.Count.EqualTo(7));
            Assert.That(metrics.Count(step => step.GetProperty("loss").ValueKind == JsonValueKind.Null), Is.EqualTo(6));
            for (var step = 1; step <= 7; step++)
            {
                var before = step == 1 ? run.ModelPath : run.PathOf($"out/checkpoint-{step - 1}");
                Assert.That(TinyRun.Weights(run.PathOf($"out/checkpoint-{step}")).SequenceEqual(TinyRun.Weights(before)), Is.EqualTo(step - 1 != trained), $"step {step}");
            }
        });
    }

    [Test]
    public void NumbersThatAreNotFiniteEndTheRun()
    {
        using var run = new TinyRun();
        run.Poison("model.norm.weight", float.NaN);
        var exception = Assert.Throws<NonFiniteException>(() => run.Train(run.Options("out") with { MaxSkippedSteps = 2 }));
        var metrics = Metrics(run.PathOf("out"));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.NonFinite));
            Assert.That(metrics, Has.Count.EqualTo(2));
            Assert.That(metrics.All(step => step.GetProperty("skipped").GetBoolean() && step.GetProperty("loss").ValueKind == JsonValueKind.Null));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        });
    }

    [Test]
    public void ARunWhoseLastStepWasSkippedHasNoResult()
    {
        using var run = new TinyRun();
        run.Poison("model.norm.weight", float.PositiveInfinity);
        var exception = Assert.Throws<NonFiniteException>(() => run.Train(run.Options("out") with { MaxSteps = 1 }));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.NonFinite));
            Assert.That(TrainingCheckpoint.List(run.PathOf("out")), Is.Empty);
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        });
    }

    [Test]
    public void TheBestModelIsKeptAndBecomesTheResult()
    {
        using var run = new TinyRun();
        // The held-out rows contradict what is learnt, so the NLL is best at the first evaluations.
        var contrary = TinyRun.Rows(6, seed: 3).Select(row => row with { Labels = [.. row.Labels.Select(label => label < 0 ? label : 40)] }).ToList();
        var result = run.Train(
            run.Options("out") with { EvalSteps = 2, SaveSteps = 4, SaveTotalLimit = 1, LoadBestModelAtEnd = true, EvalData = ["held-out"], MetricForBestModel = BestModelMetric.EvalNll },
            evaluationRows: contrary);
        var evaluations = Metrics(run.PathOf("out")).Where(step => step.TryGetProperty("eval_nll", out _)).ToList();
        var best = evaluations.MinBy(step => Number(step, "eval_nll")).GetProperty("step").GetInt32();
        Assert.Multiple(() =>
        {
            Assert.That(best, Is.LessThan(12), "the set-up must make an early step the best");
            Assert.That(result.FinalStep, Is.EqualTo(best));
            Assert.That(TrainingCheckpoint.List(run.PathOf("out")).Select(checkpoint => checkpoint.Step), Is.EqualTo(new[] { best, 12 }));
            Assert.That(TinyRun.Weights(run.PathOf("out/final")), Is.EqualTo(TinyRun.Weights(run.PathOf($"out/checkpoint-{best}"))));
        });
    }

    [Test]
    public void OldCheckpointsAreRotatedOut()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out") with { SaveSteps = 2, SaveTotalLimit = 2 });
        Assert.That(TrainingCheckpoint.List(run.PathOf("out")).Select(checkpoint => checkpoint.Step), Is.EqualTo(new[] { 10, 12 }));
    }

    [Test]
    public void ADirectoryThatIsNotEmptyIsLeftAlone()
    {
        using var run = new TinyRun();
        Directory.CreateDirectory(run.PathOf("out"));
        File.WriteAllText(run.PathOf("out/mine.txt"), "mine");
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out")));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(Directory.GetFileSystemEntries(run.PathOf("out")).Select(Path.GetFileName), Is.EqualTo(new[] { "mine.txt" }));
        });
    }

    [Test]
    public void AnOutputThatCannotBeWrittenIsItsOwnError()
    {
        using var run = new TinyRun();
        File.WriteAllText(run.PathOf("file"), "");
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("file/out")));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.CannotWrite));
    }

    [Test]
    public void ARowThatDoesNotFitThePassNamesTheMend()
    {
        using var run = new TinyRun();
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { MicroBatchTokens = 10 }));
        Assert.That(exception!.Message, Does.Contain("raise micro_batch_tokens to 24").And.Contain("max_length to 10"));
        exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { MicroBatchTokens = 1 }));
        Assert.That(exception!.Message, Does.Contain("raise micro_batch_tokens to 24").And.Not.Contain("max_length"), "which is at least 2");
    }

    [Test]
    public void ARowBeyondTheModelsRangeIsRefusedBeforeAnythingIsLoaded([Values] bool inEvaluation)
    {
        using var run = new TinyRun();
        var ids = Enumerable.Repeat(5, 257).ToArray();
        List<TrainingRow> rows = [.. TinyRun.Rows(2), new(ids, ids)];
        var memory = run.Backend.PeakAllocatedBytes;
        var exception = Assert.Throws<DftNativeException>(() =>
            run.Train(run.Options("out") with { MicroBatchTokens = 512 }, inEvaluation ? null : rows, inEvaluation ? rows : null));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(exception.Message, Does.StartWith(inEvaluation ? "evaluation data, row 3" : "training data, row 3").And.Contain("max_length to 256"));
            Assert.That(run.Backend.PeakAllocatedBytes, Is.EqualTo(memory));
            Assert.That(Directory.Exists(run.PathOf("out")), Is.False);
        });
    }

    [Test]
    public void DropLastThatLeavesNothingIsRefused()
    {
        using var run = new TinyRun();
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { GlobalBatchSize = 21, DropLast = true }));
        Assert.That((exception!.ExitCode, exception.Message.Contains("drop_last", StringComparison.Ordinal)), Is.EqualTo((ExitCode.Usage, true)));
    }

    [Test]
    public void ThePublishedRecipeHas390Steps() => Assert.Multiple(() =>
    {
        Assert.That(TrainingPlan.CountSteps(new TrainingOptions { DropLast = true }, 100_000).TotalSteps, Is.EqualTo(390));
        Assert.That(TrainingPlan.CountSteps(new TrainingOptions(), 100_000).TotalSteps, Is.EqualTo(391));
        Assert.That(TrainingPlan.CountSteps(new TrainingOptions { NumTrainEpochs = 0.5 }, 100_000).TotalSteps, Is.EqualTo(196));
    });

    internal static List<JsonElement> Metrics(string output) =>
        [.. File.ReadLines(Path.Combine(output, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private static double Number(JsonElement step, string name) => step.GetProperty(name).GetDouble();
}
