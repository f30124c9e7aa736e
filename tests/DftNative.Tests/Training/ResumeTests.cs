using System.Text.Json;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>A run that was stopped and resumed is bitwise the run that was not.</summary>
public sealed class ResumeTests
{
    [Test]
    public void IsBitwiseTheUnbrokenRun([Values(1, 4, 6, 11)] int stopAfterStep, [Values] SaveDataType saveDataType)
    {
        using var run = new TinyRun();
        TrainingOptions Options(string output) => run.Options(output) with { SaveDataType = saveDataType, LoadBestModelAtEnd = true, EvalData = ["held-out"], EvalSteps = 3 };
        var evaluationRows = TinyRun.Rows(4, seed: 9);
        run.Train(Options("unbroken"), evaluationRows: evaluationRows);
        var first = run.Train(Options("broken"), evaluationRows: evaluationRows, stopAfterStep: stopAfterStep);
        var second = run.Train(Options("broken") with { ResumeFromCheckpoint = "latest" }, evaluationRows: evaluationRows);
        Assert.Multiple(() =>
        {
            Assert.That((first.Outcome, first.StepsDone, first.FinalDirectory), Is.EqualTo((TrainingOutcome.Interrupted, stopAfterStep, (string?)null)));
            Assert.That(second.Outcome, Is.EqualTo(TrainingOutcome.Completed));
            foreach (var file in new[] { "checkpoint-12/model.safetensors", "checkpoint-12/optimizer.safetensors", "checkpoint-12/trainer_state.json", "final/model.safetensors" })
                Assert.That(File.ReadAllBytes(run.PathOf("broken/" + file)), Is.EqualTo(File.ReadAllBytes(run.PathOf("unbroken/" + file))), file);
            Assert.That(Timeless(run.PathOf("broken")), Is.EqualTo(Timeless(run.PathOf("unbroken"))));
        });
    }

    [Test]
    public void StepsBeyondTheCheckpointAreDoneAgainAndReportedOnce()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"));
        var expected = Timeless(run.PathOf("out"));
        var result = run.Train(run.Options("out") with { ResumeFromCheckpoint = run.PathOf("out/checkpoint-4") });
        Assert.Multiple(() =>
        {
            Assert.That(result.StepsDone, Is.EqualTo(12));
            Assert.That(Timeless(run.PathOf("out")), Is.EqualTo(expected));
        });
    }

    [Test]
    public void AHalfWrittenLineIsCutOff()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 6);
        File.AppendAllText(run.PathOf("out/metrics.jsonl"), """{"step": 7, "lo""");
        run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest" });
        Assert.That(TrainerTests.Metrics(run.PathOf("out")).Select(step => step.GetProperty("step").GetInt32()), Is.EqualTo(Enumerable.Range(1, 12)));
    }

    [Test]
    public void AutomaticChoicesAreThoseOfTheFirstPart()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out") with { MicroBatchTokens = 30, Recompute = RecomputeLevel.FeedForward, LossChunkRows = 70 }, stopAfterStep: 6);
        run.Train(run.Options("out") with { MicroBatchTokens = null, ResumeFromCheckpoint = "latest" });
        Assert.That(
            File.ReadAllText(run.PathOf("out/resolved_config.yaml")),
            Does.Contain("micro_batch_tokens: 30").And.Contain("recompute: ffn").And.Contain("loss_chunk_rows: 70"));
    }

    /// <summary>It changes no number; the checkpoint that follows has the new one.</summary>
    [Test]
    public void AResumeMayRecomputeMoreOrLess()
    {
        using var run = new TinyRun();
        run.Train(run.Options("unbroken"));
        run.Train(run.Options("broken"), stopAfterStep: 6);
        run.Train(run.Options("broken") with { Recompute = RecomputeLevel.Block, ResumeFromCheckpoint = "latest" });
        foreach (var file in new[] { "checkpoint-12/optimizer.safetensors", "final/model.safetensors" })
            Assert.That(File.ReadAllBytes(run.PathOf("broken/" + file)), Is.EqualTo(File.ReadAllBytes(run.PathOf("unbroken/" + file))), file);
        Assert.That(File.ReadAllText(run.PathOf("broken/checkpoint-12/trainer_state.json")), Does.Contain("\"recompute\": \"block\""));
        Assert.That(File.ReadAllText(run.PathOf("unbroken/checkpoint-12/trainer_state.json")), Does.Contain("\"recompute\": \"none\""));
    }

    [TestCase("learning_rate", "1e-3")]
    [TestCase("seed", "7")]
    [TestCase("loss_type", "sft")]
    [TestCase("max_steps", "20")]
    [TestCase("micro_batch_tokens", "64")]
    [TestCase("loss_chunk_rows", "64")]
    [TestCase("warmup_ratio", "0")]
    public void AnotherRunIsRefusedAndNamed(string option, string value)
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 2);
        var options = run.Options("out") with { ResumeFromCheckpoint = "latest" };
        OptionCatalog.Set(options, option, value);
        var before = Snapshot(run.PathOf("out"));
        var exception = Assert.Throws<DftNativeException>(() => run.Train(options));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain(option).And.Contain(value.Replace("1e-3", "0.001", StringComparison.Ordinal)));
            Assert.That(Snapshot(run.PathOf("out")), Is.EqualTo(before));
        });
    }

    /// <summary>A run's bits are promised for one arithmetic; states of before the second one existed are of fp32.</summary>
    [Test]
    public void TheArithmeticIsAPartOfTheState()
    {
        var state = new TrainerState { RowsFingerprint = "x", ComputeType = DataType.BFloat16, Options = new Dictionary<string, string>() };
        var json = state.ToJson();
        Assert.Multiple(() =>
        {
            Assert.That(TrainerState.FromJson(json, "here").ComputeType, Is.EqualTo(DataType.BFloat16));
            Assert.That(TrainerState.FromJson(json.Replace("\"compute_type\": \"bf16\",", "", StringComparison.Ordinal), "here").ComputeType, Is.EqualTo(DataType.Float32));
        });
    }

    /// <summary>States of before skipped steps were counted in all have none.</summary>
    [Test]
    public void SkippedStepsAreAPartOfTheState()
    {
        var json = new TrainerState { RowsFingerprint = "x", ComputeType = DataType.Float32, Options = new Dictionary<string, string>(), SkippedInARow = 2, SkippedCount = 5 }.ToJson();
        var state = TrainerState.FromJson(json, "here");
        Assert.That((state.SkippedInARow, state.SkippedCount), Is.EqualTo((2, 5)));
        Assert.That(TrainerState.FromJson(json.Replace("\"skipped_steps\": 5,", "", StringComparison.Ordinal), "here").SkippedCount, Is.Zero);
    }

    [Test]
    public void OtherRowsAreRefused()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 2);
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest" }, TinyRun.Rows(seed: 2)));
        Assert.That(exception!.Message, Does.Contain("rows are not those"));
    }

    [Test]
    public void WhatDoesNotChangeTheMathematicsMayChange()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 2);
        Assert.DoesNotThrow(() => run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest", SaveSteps = 3, LoggingSteps = 5, Threads = 1 }));
    }

    [Test]
    public void NothingToResumeIsAnError()
    {
        using var run = new TinyRun();
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest" }));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
    }

    /// <summary>Whichever file it is, in its first, middle or last bytes: nothing of the run is touched, and an earlier checkpoint can be had instead.</summary>
    [Test]
    public void ADamagedCheckpointIsRefused()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 6);
        var checkpoint = run.PathOf("out/checkpoint-6");
        foreach (var path in Directory.GetFiles(checkpoint))
        {
            var whole = File.ReadAllBytes(path);
            foreach (var place in new[] { 0, whole.Length / 2, whole.Length - 5 })
            {
                var damaged = whole.ToArray();
                damaged[place] ^= 1;
                File.WriteAllBytes(path, damaged);
                var before = Snapshot(run.PathOf("out"));
                var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest" }), path);
                Assert.That((exception!.ExitCode, Snapshot(run.PathOf("out"))), Is.EqualTo((ExitCode.InvalidInput, before)));
                Assert.That(exception.Message, Does.Contain(checkpoint).And.Contain(Path.GetFileName(path)));
            }

            File.WriteAllBytes(path, whole[..^5]);
            if (path.EndsWith("optimizer.safetensors", StringComparison.Ordinal))
                Assert.DoesNotThrow(() => run.Train(run.Options("out") with { ResumeFromCheckpoint = run.PathOf("out/checkpoint-4") }, stopAfterStep: 5));
            File.WriteAllBytes(path, whole);
        }

        Assert.That(run.Train(run.Options("out") with { ResumeFromCheckpoint = "latest" }).Outcome, Is.EqualTo(TrainingOutcome.Completed));
    }

    /// <summary>The best model is read back at the end of a run: a damaged one does not become the result.</summary>
    [Test]
    public void ADamagedBestCheckpointDoesNotBecomeTheResult()
    {
        using var run = new TinyRun();
        // The held-out rows contradict what is learnt, so that an early step is the best; it is kept besides the newest.
        var rows = TinyRun.Rows(6, seed: 3).Select(row => row with { Labels = [.. row.Labels.Select(label => label < 0 ? label : 40)] }).ToList();
        var options = run.Options("out") with { LoadBestModelAtEnd = true, EvalData = ["held-out"], EvalSteps = 2, SaveTotalLimit = 1, MetricForBestModel = BestModelMetric.EvalNll };
        run.Train(options, evaluationRows: rows, stopAfterStep: 10);
        var best = TrainingCheckpoint.List(run.PathOf("out"))[0];
        Assert.That(best.Step, Is.LessThan(10), "the set-up must make an early step the best");
        var path = Path.Combine(best.Directory, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        var exception = Assert.Throws<DftNativeException>(() => run.Train(options with { ResumeFromCheckpoint = "latest" }, evaluationRows: rows));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(exception.Message, Does.Contain(best.Directory).And.Contain("model.safetensors is not what was written"));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
            Assert.That(TrainingCheckpoint.Latest(run.PathOf("out")), Does.EndWith("checkpoint-12"));
        });
    }

    /// <summary>The metrics without what depends on the clock and on memory held before.</summary>
    internal static List<string> Timeless(string output) =>
        [.. TrainerTests.Metrics(output).Select(step => string.Join(' ', step.EnumerateObject().Where(IsOfTheRun).Select(property => property.ToString())))];

    private static bool IsOfTheRun(JsonProperty property) => property.Name is not ("step_seconds" or "tokens_per_second" or "memory_bytes");

    private static List<string> Snapshot(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order().Select(path => $"{path} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}")];
}
