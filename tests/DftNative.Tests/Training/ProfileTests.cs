using DftNative.Backends;
using DftNative.Backends.Profiling;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Backends;
using DftNative.Train.Progress;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>The option <c>profile</c>: every part of a step is timed, and nothing else changes.</summary>
[TestFixture(false)]
[TestFixture(true, Category = "Gpu")]
internal sealed class ProfileTests(bool onGpu) : BothBackends(onGpu)
{
    private static readonly string[] Parts = ["embedding", "attention", "matrix_products", "elementwise", "loss_head", "optimizer", "host"];

    [Test]
    public void EveryPartOfEachStepIsInTheMetricsAndTheRunIsTheSame()
    {
        using var run = new TinyRun();
        var options = run.Options("plain") with { MaxSteps = 3, SaveSteps = 0, EvalData = ["held-out"], EvalSteps = 1 };
        run.Train(options, evaluationRows: TinyRun.Rows(4, seed: 3), backend: Backend);
        var result = run.Train(options with { OutputDirectory = run.PathOf("profiled"), Profile = true }, evaluationRows: TinyRun.Rows(4, seed: 3), backend: Backend);
        var metrics = TrainerTests.Metrics(run.PathOf("profiled"));
        Assert.Multiple(() =>
        {
            Assert.That(TinyRun.Weights(run.PathOf("profiled/final")), Is.EqualTo(TinyRun.Weights(run.PathOf("plain/final"))));
            Assert.That(TrainerTests.Metrics(run.PathOf("plain")).Any(step => step.TryGetProperty("profile_ms", out _)), Is.False);
            foreach (var step in metrics)
            {
                var profile = step.GetProperty("profile_ms");
                Assert.That(profile.EnumerateObject().Select(part => part.Name), Is.EqualTo(Parts));
                foreach (var part in Parts) Assert.That(profile.GetProperty(part).GetDouble(), Is.Positive, part);
                Assert.That(profile.EnumerateObject().Sum(part => part.Value.GetDouble()), Is.EqualTo(1e3 * step.GetProperty("step_seconds").GetDouble()).Within(0.01));
            }

            var events = File.ReadAllText(Directory.GetFiles(run.PathOf("profiled/tensorboard")).Single(), System.Text.Encoding.Latin1);
            foreach (var part in Parts) Assert.That(events, Does.Contain("profile_ms/" + part));
            Assert.That(events, Does.Contain("train/skipped_steps"));
            Assert.That(result.ProfiledSteps, Is.EqualTo(2), "the first step does not count");
            Assert.That(result.Profile!.Total, Is.EqualTo(1e3 * metrics.Skip(1).Average(step => step.GetProperty("step_seconds").GetDouble())).Within(0.01));
        });
    }

    [Test]
    public void AStepThatIsProfiledAllocatesNoManagedMemoryAfterWarmUp()
    {
        using var run = new TinyRun();
        var options = run.Options("unused") with { Packing = false };
        using var profiled = new ProfiledBackend(Backend);
        using var transformer = new Transformer(profiled, run.Model.Configuration, new TransformerOptions(48) { Training = true });
        using var optimizer = new AdamWOptimizer(profiled, transformer, options.AdamW, excludeNormAndBias: true, options.Seed);
        run.Model.Load(Backend, transformer.Layout, optimizer.Weights);
        var runner = new StepRunner(profiled, transformer, optimizer, options);
        var batch = runner.Prepare(TinyRun.Rows(3));
        var seconds = new double[OperationTimer.OperationCount];
        for (var step = 1; step <= 50; step++) Step(step);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var step = 51; step <= 55; step++) Step(step);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(seconds, Is.All.Positive);

        void Step(int step)
        {
            profiled.Begin();
            runner.Run(batch, step, 1e-4);
            profiled.End(seconds);
        }
    }

    [Test]
    public void OnlyWhatIsBetweenBeginAndEndCounts()
    {
        using var profiled = new ProfiledBackend(Backend);
        using var buffer = profiled.Allocate(DataType.Float32, 1000, MemoryCategory.Workspace, "memory");
        var seconds = new double[OperationTimer.OperationCount];
        Array.Fill(seconds, double.NaN);
        profiled.Zero(buffer.AsVector());
        profiled.Begin();
        profiled.End(seconds);
        Assert.That(seconds, Is.All.Zero);
        profiled.Begin();
        profiled.Zero(buffer.AsVector());
        profiled.Zero(buffer.AsVector());
        profiled.End(seconds);
        Assert.That(seconds[(int)BackendOperation.Memory], Is.Positive);
        Assert.That(seconds.Count(value => value != 0), Is.EqualTo(1));
        profiled.Zero(buffer.AsVector());
        profiled.Begin();
        profiled.End(seconds);
        Assert.That(seconds, Is.All.Zero);
    }

    /// <summary>An operation that the interface has a body for would be the CPU's on every device.</summary>
    [Test]
    public void EveryOperationIsPassedOn() => Assert.That(
        typeof(ProfiledBackend).GetInterfaceMap(typeof(IBackend)).TargetMethods.Where(method => method.DeclaringType != typeof(ProfiledBackend)), Is.Empty);

    [Test]
    public void TheSummaryHasALineForEachPartTheLongestFirst()
    {
        var text = ProfileText.Format(new StepProfile(1, 20, 60, 10.5, 5, 2.5, 1), stepCount: 7).Split('\n');
        Assert.Multiple(() =>
        {
            Assert.That(text, Has.Length.EqualTo(8));
            Assert.That(text[0], Is.EqualTo("profile: 100.00 ms a step (mean of 7 steps after the first)"));
            Assert.That(text[1], Does.Match(@"^  matrix products +60\.00 ms +60\.0%$"));
            Assert.That(text[2], Does.Contain("attention").And.Contain("20.0%"));
        });
    }
}
