using System.Text.Json;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Tests.Backends;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Steps whose loss or gradient is not finite: skipped on the device, counted, and the end of a run where there are too many.</summary>
[TestFixture(false)]
[TestFixture(true, Category = "Gpu")]
internal sealed class SkippedStepTests(bool onGpu) : BothBackends(onGpu)
{
    private const int StepCount = 5, BatchSize = 4;

    /// <summary>−log p times this is beyond fp32.</summary>
    private const float OverflowsTheLoss = 3e38f;

    /// <summary>The loss is finite; the square of a gradient, in fp32, is not.</summary>
    private const float OverflowsTheNorm = 1e25f;

    [TestCase(OverflowsTheLoss)]
    [TestCase(OverflowsTheNorm)]
    public void OneThatIsSkippedIsAsIfItsRowsHadContributedNothing(float tokenWeight)
    {
        using var run = new TinyRun();
        var result = Train(run, "bad", Rows(tokenWeight, 3));
        var metrics = TrainerTests.Metrics(run.PathOf("bad"));
        Train(run, "nothing", [.. Rows(1).Select((row, i) => StepOf(i) == 3 ? TinyRun.WithoutTargets([row])[0] : row)]);
        Assert.Multiple(() =>
        {
            Assert.That((result.Outcome, result.SkippedSteps), Is.EqualTo((TrainingOutcome.Completed, 1)));
            Assert.That(metrics.Select(IsSkipped), Is.EqualTo(new[] { false, false, true, false, false }));
            Assert.That(metrics.Select(step => step.GetProperty("skipped_steps").GetInt32()), Is.EqualTo(new[] { 0, 0, 1, 1, 1 }));
            Assert.That(metrics[2].GetProperty("grad_norm").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(metrics[2].GetProperty("loss").ValueKind, Is.EqualTo(tokenWeight == OverflowsTheLoss ? JsonValueKind.Null : JsonValueKind.Number));
            Assert.That(metrics[3].GetProperty("loss").GetDouble(), Is.InRange(0.5, 10));
            foreach (var file in new[] { "final/model.safetensors", "checkpoint-5/optimizer.safetensors" })
                Assert.That(Bytes(run, "bad/" + file), Is.EqualTo(Bytes(run, "nothing/" + file)), file);
        });
    }

    /// <summary>Nothing new is there to save, and no good checkpoint makes room for it.</summary>
    [Test]
    public void ACheckpointDueAtOneIsThatOfTheNextStepThatIsDone()
    {
        using var run = new TinyRun();
        Train(run, "out", Rows(OverflowsTheLoss, 3), options => options.SaveSteps = 3);
        Assert.That(Checkpoints(run), Is.EqualTo(new[] { 4, 5 }));
    }

    [Test]
    public void TooManyInARowEndTheRunAndKeepTheLastGoodCheckpoint()
    {
        using var run = new TinyRun();
        var exception = Fails(run, Rows(OverflowsTheLoss, 2, 3, 4, 5), options => (options.SaveSteps, options.SaveTotalLimit) = (1, 1));
        Assert.Multiple(() =>
        {
            Assert.That(exception.Message, Does.Contain("step 4 (3 in a row, 3 in all)").And.Contain("checkpoint-1").And.Contain("learning_rate"));
            Assert.That(TrainerTests.Metrics(run.PathOf("out")).Select(IsSkipped), Is.EqualTo(new[] { false, true, true, true }));
            Assert.That(Checkpoints(run), Is.EqualTo(new[] { 1 }));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        });
        using var checkpoint = TrainingCheckpoint.Open(run.PathOf("out/checkpoint-1"));
        Assert.That(checkpoint.Step, Is.EqualTo(1));
    }

    [Test]
    public void OnesThatAreNotInARowAreAllowed()
    {
        using var run = new TinyRun();
        Assert.That(Train(run, "out", Rows(OverflowsTheLoss, 1, 3, 4), options => options.MaxSkippedSteps = 3).SkippedSteps, Is.EqualTo(3));
    }

    /// <summary>Of 1·3 steps only the first two may be skipped in a row.</summary>
    [Test]
    public void TheCountGoesOnAfterAResume()
    {
        using var run = new TinyRun();
        var rows = Rows(OverflowsTheLoss, 2, 3, 4, 5);
        var interrupted = Train(run, "out", rows, options => (options.SaveSteps, options.SaveTotalLimit) = (1, 1), stopAfterStep: 2);
        Assert.That((interrupted.Outcome, interrupted.SkippedSteps), Is.EqualTo((TrainingOutcome.Interrupted, 1)));
        Assert.That(Checkpoints(run), Is.EqualTo(new[] { 1, 2 }), "one of a skipped step makes no room for itself");
        var exception = Fails(run, rows, options => options.ResumeFromCheckpoint = "latest");
        Assert.That(exception.Message, Does.Contain("step 4 (3 in a row, 3 in all)").And.Contain("checkpoint-2"));
    }

    [Test]
    public void ARunInterruptedAtOneGoesOnBitwise()
    {
        using var run = new TinyRun();
        var rows = Rows(OverflowsTheNorm, 3);
        Train(run, "unbroken", rows);
        Train(run, "broken", rows, stopAfterStep: 3);
        Train(run, "broken", rows, options => options.ResumeFromCheckpoint = "latest");
        foreach (var file in new[] { "final/model.safetensors", "checkpoint-5/optimizer.safetensors", "checkpoint-5/trainer_state.json" })
            Assert.That(Bytes(run, "broken/" + file), Is.EqualTo(Bytes(run, "unbroken/" + file)), file);
    }

    /// <summary>Whatever the best was: the run did not end well, and its checkpoint is there to be taken.</summary>
    [Test]
    public void ARunThatEndsWithOneHasNoResult([Values] bool loadBestModelAtEnd)
    {
        using var run = new TinyRun();
        var exception = Fails(run, Rows(OverflowsTheLoss, StepCount), options =>
            (options.LoadBestModelAtEnd, options.EvalData, options.EvalSteps, options.SaveSteps) = (loadBestModelAtEnd, ["held-out"], 2, 2));
        Assert.Multiple(() =>
        {
            Assert.That(exception.Message, Does.Contain("step 5 (1 in a row, 1 in all)").And.Contain("checkpoint-4"));
            Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
            Assert.That(Checkpoints(run), Is.EqualTo(new[] { 2, 4 }));
        });
    }

    [TestCase("model.layers.1.mlp.down_proj.weight", float.PositiveInfinity)]
    [TestCase("model.layers.0.self_attn.v_proj.weight", float.NaN)]
    public void WeightsThatAreNotFiniteEndTheRun(string parameter, float value)
    {
        using var run = new TinyRun();
        run.Poison(parameter, value);
        Fails(run, Rows(1), options => options.MaxSkippedSteps = 2);
        Assert.That(TrainerTests.Metrics(run.PathOf("out")).Select(IsSkipped), Is.EqualTo(new[] { true, true }));
        Assert.That(Checkpoints(run), Is.Empty);
    }

    [Test]
    public void ALearningRateThatExplodesEndsTheRun()
    {
        using var run = new TinyRun();
        Fails(run, Rows(1), options => (options.LearningRate, options.LearningRateScheduleType) = (1e30, LearningRateScheduleType.Constant));
        Assert.That(TrainerTests.Metrics(run.PathOf("out")).Select(IsSkipped), Is.EqualTo(new[] { false, true, true, true }));
    }

    /// <summary>The first step's rate is 0; the second's carries the weights away without a number that is not finite before.</summary>
    [Test]
    public void WeightsThatAreCarriedAwayAreNotSaved()
    {
        using var run = new TinyRun();
        var exception = Fails(run, Rows(1), options => (options.LearningRate, options.WarmupRatio, options.SaveSteps, options.SaveTotalLimit) = (1e30, 0.2, 1, 1));
        Assert.That(exception.Message, Does.Contain("the weights are not finite after step 2").And.Contain("checkpoint-1"));
        Assert.That(Checkpoints(run), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void APassWithoutATargetAddsNothing()
    {
        using var run = new TinyRun();
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(64) { Training = true });
        run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
        var rows = TinyRun.Rows(2);
        var (pass, nothing) = (Pass(rows), Pass(TinyRun.WithoutTargets(rows)));
        transformer.ForwardBackward(nothing, TokenWeighting.Dft, gradientScale: 1);
        transformer.Evaluate(nothing, TokenWeighting.Dft);
        Assert.That(Gradients(), Is.All.Zero);
        Assert.That((transformer.ReadStatistics().Tokens, transformer.ReadStatistics().WeightedLossSum), Is.EqualTo((0.0, 0.0)));
        transformer.ForwardBackward(pass, TokenWeighting.Dft, gradientScale: 1);
        var expected = (Gradients(), transformer.ReadStatistics().WeightedLossSum);
        Assert.That(expected.Item1.Count(value => value != 0), Is.GreaterThan(1000));
        transformer.ForwardBackward(nothing, TokenWeighting.Dft, gradientScale: 1);
        Assert.That((Gradients(), transformer.ReadStatistics().WeightedLossSum), Is.EqualTo(expected));

        float[] Gradients()
        {
            var values = new float[transformer.Layout.ArenaLength];
            Backend.Download<float>(transformer.Gradients, values);
            return values;
        }

        static MicroBatch Pass(List<TrainingRow> rows) => new(rows, new TokenLossOptions(), []);
    }

    private static bool IsSkipped(JsonElement step) => step.TryGetProperty("skipped", out var skipped) && skipped.GetBoolean();

    /// <summary>Five steps, whose order of rows is known: the rows of some get a token weight.</summary>
    private static TrainingRow[] Rows(float tokenWeight, params int[] steps)
    {
        var rows = TinyRun.Rows(StepCount * BatchSize);
        return [.. rows.Select((row, i) => steps.Contains(StepOf(i)) ? row with { TokenWeights = [.. row.InputIds.Select(_ => tokenWeight)] } : row)];
    }

    /// <summary>The step, from 1, that has a row.</summary>
    private static int StepOf(int row)
    {
        var order = new DataOrder(new TrainingOptions().Seed, StepCount * BatchSize);
        return 1 + (Enumerable.Range(0, StepCount * BatchSize).First(position => order[0, position] == row) / BatchSize);
    }

    private static byte[] Bytes(TinyRun run, string file) => File.ReadAllBytes(run.PathOf(file));

    private static IEnumerable<int> Checkpoints(TinyRun run) => TrainingCheckpoint.List(run.PathOf("out")).Select(checkpoint => checkpoint.Step);

    private TrainingResult Train(TinyRun run, string output, IReadOnlyList<TrainingRow> rows, Action<TrainingOptions>? change = null, int stopAfterStep = 0)
    {
        var options = run.Options(output) with { GlobalBatchSize = BatchSize, NumTrainEpochs = 1, LossType = LossType.Sft, SaveSteps = 0, SaveDataType = SaveDataType.Float32 };
        change?.Invoke(options);
        return run.Train(options, rows, options.EvalData.Count > 0 ? TinyRun.Rows(3, seed: 7) : [], stopAfterStep, backend: Backend);
    }

    private DftNativeException Fails(TinyRun run, IReadOnlyList<TrainingRow> rows, Action<TrainingOptions> change)
    {
        var exception = Assert.Throws<NonFiniteException>(() => Train(run, "out", rows, change))!;
        Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.NonFinite), exception.Message);
        Assert.That(Directory.Exists(run.PathOf("out/final")), Is.False);
        return exception;
    }
}
