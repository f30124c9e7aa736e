using System.Collections;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Models;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>The host's work one step ahead of the device's changes nothing but the time.</summary>
public sealed class StepPipelineTests
{
    [Test]
    public void ARunIsItsStepsDoneOneByOne()
    {
        using var run = new TinyRun();
        var options = run.Options("out") with { SaveDataType = SaveDataType.Float32, WarmupRatio = 0.1 };
        var rows = TinyRun.Rows();
        run.Train(options, rows);

        using var transformer = new Transformer(run.Backend, run.Model.Configuration, new TransformerOptions(48) { Training = true });
        using var optimizer = new AdamWOptimizer(run.Backend, transformer, options.AdamW, excludeNormAndBias: false, options.Seed);
        run.Model.Load(run.Backend, transformer.Layout, optimizer.Weights);
        var runner = new StepRunner(run.Backend, transformer, optimizer, options);
        var schedule = LearningRateSchedule.Create(options, totalSteps: 12);
        var order = new DataOrder(options.Seed, rows.Count);
        for (var step = 0; step < 12; step++)
        {
            var first = step % 4 * 6;
            var batch = runner.Prepare([.. Enumerable.Range(first, Math.Min(6, rows.Count - first)).Select(i => rows[order[step / 4, i]])]);
            Assert.That(runner.Run(batch, step + 1, schedule.At(step)).IsSkipped, Is.False);
        }

        ModelWriter.Save(run.PathOf("expected"), run.Model.Template, run.Backend, transformer.Layout, optimizer.Weights, SaveDataType.Float32);
        Assert.That(TinyRun.Weights(run.PathOf("out/final")), Is.EqualTo(TinyRun.Weights(run.PathOf("expected"))));
    }

    [Test]
    public void TheHostWaitsForTheDeviceOnceAStep()
    {
        using var run = new TinyRun();
        using var backend = new AlteredBackend();
        var options = run.Options("unused");
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(48) { Training = true });
        using var optimizer = new AdamWOptimizer(backend, transformer, options.AdamW, excludeNormAndBias: true, options.Seed);
        run.Model.Load(backend, transformer.Layout, optimizer.Weights);
        var runner = new StepRunner(backend, transformer, optimizer, options);
        var (batch, nothing) = (runner.Prepare(TinyRun.Rows()), runner.Prepare(TinyRun.WithoutTargets(TinyRun.Rows(3))));
        Assert.That(batch.Passes, Has.Length.GreaterThan(2));
        var before = backend.WaitCount;
        var result = runner.Run(batch, 1, 1e-3);
        Assert.That(backend.WaitCount - before, Is.EqualTo(1));
        Assert.That((result.GradientNorm, runner.Statistics.Tokens), Is.EqualTo(((double?)optimizer.ReadGradientNorm(), (double)batch.TargetCount)));
        before = backend.WaitCount;
        Assert.That(runner.Run(nothing, 2, 1e-3), Is.EqualTo(new StepResult(nothing.TokenCount, nothing.TokenCount, null, IsSkipped: false)));
        Assert.That((backend.WaitCount - before, runner.Statistics.Tokens), Is.EqualTo((0, 0.0)));
    }

    /// <summary>Dead rows are documents of at most 128: attention's work grows with their square.</summary>
    [Test]
    public void APreparedPassHasTheDeadRowsOfADeviceThatFillsUpPasses([Values] bool pads)
    {
        using var run = new TinyRun();
        using var backend = new AlteredBackend { PadsMicroBatches = pads };
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(300));
        var pass = transformer.Prepare(new MicroBatch([new([1, 2, 3], [1, 2, 3]), new([4, 5], [4, 5])], new(), []));
        Assert.That(pass.TokenCount, Is.EqualTo(pads ? 300 : 5));
        var (first, second) = (new AttentionRange(0, 3, 0, 3), new AttentionRange(3, 2, 3, 2));
        Assert.That(pass.Ranges, Is.EqualTo(pads
            ? new[] { first, second, new(5, 128, 5, 128), new(133, 128, 133, 128), new(261, 39, 261, 39) }
            : new[] { first, second }));
    }

    [Test]
    public void TheNextStepsRowsAreReadDuringAStepAndNoLaterOnes()
    {
        using var run = new TinyRun();
        var rows = new WatchedRows(TinyRun.Rows());
        using var trainer = new Trainer(run.Backend, run.Model, rows, [], run.Options("out") with { Packing = false });
        rows.Watch();
        trainer.Run(new AtEachStep(metrics =>
        {
            var expected = TinyRows(Math.Min(metrics.Step + 1, 12));
            Assert.That(SpinWait.SpinUntil(() => rows.ReadElsewhere == expected, TimeSpan.FromSeconds(30)), $"step {metrics.Step}: {rows.ReadElsewhere} rows read");
            Assert.That(rows.ReadHere, Is.Zero);
        }));

        // Batches of 6, 6, 6 and 2 rows.
        static int TinyRows(int steps) => (steps / 4 * 20) + (steps % 4 * 6);
    }

    /// <summary>Steps before it are done and saved; the error is the data's, with its exit code.</summary>
    [Test]
    public void ARowThatCannotBeReadEndsTheRunAtItsStep()
    {
        using var run = new TinyRun();
        var rows = new WatchedRows(TinyRun.Rows());
        var done = 0;
        using var trainer = new Trainer(run.Backend, run.Model, rows, [], run.Options("out") with { Packing = false, SaveSteps = 2 });
        rows.Watch(failAfter: 13);
        var exception = Assert.Throws<DftNativeException>(() => trainer.Run(new AtEachStep(metrics => done = metrics.Step)));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(exception.Message, Does.Contain("training data cannot be read").And.Contain("gone"));
            Assert.That(done, Is.EqualTo(2));
            Assert.That(TrainingCheckpoint.Latest(run.PathOf("out")), Does.EndWith("checkpoint-2"));
        });
    }

    /// <summary>Rows that count who reads them, and fail on request.</summary>
    private sealed class WatchedRows(List<TrainingRow> rows) : IReadOnlyList<TrainingRow>
    {
        private int here, elsewhere, thread = -1, failAfter = int.MaxValue;

        public int Count => rows.Count;

        public int ReadHere => here;

        public int ReadElsewhere => Volatile.Read(ref elsewhere);

        public TrainingRow this[int index]
        {
            get
            {
                if (Environment.CurrentManagedThreadId == thread) here++;
                else if (thread >= 0 && Interlocked.Increment(ref elsewhere) > failAfter) throw new IOException("the disk is gone");
                return rows[index];
            }
        }

        /// <summary>Counts from now on; this thread is "here".</summary>
        public void Watch(int failAfter = int.MaxValue) => (thread, this.failAfter) = (Environment.CurrentManagedThreadId, failAfter);

        public IEnumerator<TrainingRow> GetEnumerator() => rows.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class AtEachStep(Action<StepMetrics> action) : ITrainingObserver
    {
        public void OnStarted(TrainingPlan plan) { }

        public void OnStep(StepMetrics metrics) => action(metrics);

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
