using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Experiments;
using DftNative.Reporting;
using DftNative.Tests.Training;

namespace DftNative.Tests.Experiments;

/// <summary>Comparisons of a model on its data, by the trainer.</summary>
public sealed class ModelSubjectTests
{
    private const string Grid =
        "model: tiny\ndata: [rows]\neval_data: [held-out]\nnum_train_epochs: 2\neval_steps: 2\nsave_steps: 1\nmicro_batch_tokens: 48\n"
        + "losses: [sft, dft, asft]\nlearning_rates: [3e-3]\nbatch_sizes: [5]\nseeds: [1, 2]\n";

    /// <summary>One run of it.</summary>
    private static readonly string Single = Grid.Replace("[sft, dft, asft]", "[sft]", StringComparison.Ordinal).Replace("[1, 2]", "[1]", StringComparison.Ordinal);

    private TinyRun run = null!;

    [SetUp]
    public void CreateRun() => run = new TinyRun();

    [TearDown]
    public void RemoveRun() => run.Dispose();

    [Test]
    public void RunsAreComparedByTheirHeldOutLoss()
    {
        var comparison = Compare("out");
        var trainingNll = RunMetrics.Read(run.PathOf("out/runs/sft-lr0.003-b5-s1/train/metrics.jsonl"))["nll"].Select(point => point.Y).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Metric, Is.EqualTo(ExperimentMetric.EvalNll));
            Assert.That(comparison.IsComplete);
            Assert.That(comparison.Settings[0].Curve.Select(point => point.Step), Is.EqualTo(new[] { 2, 4, 6, 8 }));
            Assert.That(comparison.Settings[0].Runs[0].Result.Curve.Select(point => point.TrainingNll), Is.EqualTo(trainingNll.Chunk(2).Select(steps => (double?)steps.Average())), "each point has the steps since the last");
            Assert.That(comparison.Settings[0].Runs[0].Result.StepCount, Is.EqualTo(8));
            Assert.That(comparison.Settings[0].Curve[^1].Value, Is.EqualTo(comparison.Settings[0].Mean!.Value).Within(1e-12));
            Assert.That(comparison.Settings.Select(setting => setting.Mean).Distinct().Count(), Is.EqualTo(3));
            Assert.That(comparison.SameSettingPairs[0].Difference, Is.EqualTo(comparison.Settings[1].Mean - comparison.Settings[0].Mean).Within(1e-12));
            Assert.That(comparison.SameSettingPairs[0].ProblemsPValue, Is.Null);
            Assert.That(Directory.GetDirectories(run.PathOf("out/runs/sft-lr0.003-b5-s1/train")).Select(Path.GetFileName), Is.EqualTo(new[] { "tensorboard" }), "neither checkpoints nor models are kept");
        });
    }

    [Test]
    public void ARunThatWasCutGoesOnFromItsCheckpointToTheSameNumbers()
    {
        Compare("whole");
        using var cancellation = new CancellationTokenSource();
        Assert.That(() => Compare("cut", cancellation, stopAtStep: 5), Throws.InstanceOf<OperationCanceledException>());
        var checkpoints = Directory.GetDirectories(run.PathOf("cut/runs/sft-lr0.003-b5-s1/train"), "checkpoint-*");
        Compare("cut");
        Assert.Multiple(() =>
        {
            Assert.That(checkpoints, Is.Not.Empty);
            Assert.That(File.ReadAllText(run.PathOf("cut/compare.json")), Is.EqualTo(File.ReadAllText(run.PathOf("whole/compare.json"))));
        });
    }

    /// <summary>What a run needed to go on is of no use to one that failed, which is not tried again.</summary>
    [Test]
    public void ARunThatFailedKeepsNeitherCheckpointsNorModels([Values] bool savesFinal)
    {
        var comparison = Compare("failed", evaluator: new NonFiniteEvaluator(), grid: Single + $"save_final: {(savesFinal ? "true" : "false")}\n");
        var train = run.PathOf("failed/runs/sft-lr0.003-b5-s1/train");
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Failures.Select(failure => failure.Reason), Is.EqualTo(new[] { "the logits are not finite" }));
            Assert.That(Directory.GetDirectories(train, "checkpoint-*"), Is.Empty);
            Assert.That(Directory.Exists(Path.Combine(train, "final")), Is.EqualTo(savesFinal));
            Assert.That(File.Exists(Path.Combine(train, "metrics.jsonl")));
        });
    }

    /// <summary>Neither what compare cleans up nor where it ran, so that compare.json is the same anywhere.</summary>
    [Test]
    public void AFailureIsToldWithoutAdviceOnTheRunsFiles()
    {
        // The first step warms up at a rate that does little harm, so that there is a checkpoint.
        var grid = Single.Replace("[3e-3]", "[1e37]", StringComparison.Ordinal) + "lr_scheduler_type: constant\n";
        var comparison = Compare("failed", grid: grid);
        Assert.That(comparison.Failures.Single().Reason, Does.Contain("not finite").And.Not.Contain("--model").And.Not.Contain(run.PathOf("failed")).And.Not.Contain("checkpoint"));
    }

    /// <summary>One that was killed behind its result is not run again, and is cleaned up all the same.</summary>
    [Test]
    public void WhatAKillLeftOfAFinishedRunIsRemoved()
    {
        Compare("out", grid: Single);
        var checkpoint = run.PathOf("out/runs/sft-lr0.003-b5-s1/train/checkpoint-8");
        using (var cancellation = new CancellationTokenSource())
        {
            Assert.That(() => Compare("cut", cancellation, stopAtStep: 5, grid: Single), Throws.InstanceOf<OperationCanceledException>());
            Directory.Move(Directory.GetDirectories(run.PathOf("cut/runs/sft-lr0.003-b5-s1/train"), "checkpoint-*")[0], checkpoint);
        }

        Compare("out", grid: Single);
        Assert.That(Directory.Exists(checkpoint), Is.False);
    }

    /// <summary>Listed once for all runs, also after the runs' results have been read back.</summary>
    [Test]
    public void ProblemsThatWereNotAskedAreListed()
    {
        Compare("out", evaluator: new HalfEvaluator(), grid: Single.Replace("[sft]", "[sft, dft]", StringComparison.Ordinal));
        var comparison = Compare("out", evaluator: new HalfEvaluator(), grid: Single.Replace("[sft]", "[sft, dft]", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Unasked, Is.EqualTo(new[] { "sums, problem 1: too long" }));
            Assert.That(File.ReadAllText(run.PathOf("out/compare.json")).ReplaceLineEndings(""), Does.Match("\"problems_not_asked\": \\[ *\"sums, problem 1: too long\" *\\]"));
            Assert.That(File.ReadAllText(run.PathOf("out/report.html")), Does.Contain("1 problems could not be put to the models").And.Contain("sums, problem 1: too long"));
        });
    }

    /// <summary>Also after the runs' results have been read back, and not from a result that was meddled with.</summary>
    [Test]
    public void BenchmarksAreKeptApartInARunsResult()
    {
        Compare("out", evaluator: new BenchmarksEvaluator(), grid: Single);
        var numbers = File.ReadAllText(run.PathOf("out/compare.json"));
        var comparison = Compare("out", evaluator: new BenchmarksEvaluator(), grid: Single);
        var path = run.PathOf("out/runs/sft-lr0.003-b5-s1/result.json");
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Settings[0].Mean, Is.EqualTo(0.375));
            Assert.That(comparison.Benchmarks, Is.EqualTo(new[] { new ScoredBenchmark("large", 4), new ScoredBenchmark("small", 1) }));
            Assert.That(File.ReadAllText(run.PathOf("out/compare.json")), Is.EqualTo(numbers));
        });
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"problems\": 4", "\"problems\": 3", StringComparison.Ordinal));
        Assert.That(
            () => Compare("out", evaluator: new BenchmarksEvaluator(), grid: Single),
            Throws.TypeOf<DftNativeException>().With.Message.Contains("benchmarks are of other problems than scores; remove it to run that again"));
    }

    [Test]
    public void AnEvaluatorsScoresAreComparedProblemByProblem()
    {
        var comparison = Compare("out", evaluator: new SeedEvaluator());
        Assert.Multiple(() =>
        {
            Assert.That(comparison.Metric, Is.EqualTo(ExperimentMetric.Accuracy));
            Assert.That(comparison.Settings[0].Runs.Select(seed => seed.Result.Accuracy), Is.EqualTo(new[] { 0.5, 0.5625 }));
            Assert.That(comparison.SameSettingPairs[0].ProblemsPValue, Is.EqualTo(1));
            Assert.That(comparison.Settings[0].BestPoint, Is.Not.Null, "curves are of the NLL");
        });
    }

    /// <summary>A run that is trained but not yet measured is not taken for one of other settings.</summary>
    [Test]
    public void WhatAnUnfinishedRunWasMadeWithIsHeldTo()
    {
        Assert.Throws<InvalidOperationException>(() => Compare("broken", evaluator: new BrokenEvaluator()));
        var exception = Assert.Throws<DftNativeException>(() => Compare("broken", evaluator: new SeedEvaluator(), grid: Grid + "weight_decay: 0.5\n"));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.Contain("was made with weight_decay 0.01, and now it is 0.5"));
    }

    /// <summary>Two at once would train the same runs in the same directories.</summary>
    [Test]
    public void AComparisonThatIsRunningKeepsOthersOut()
    {
        var other = new Interloper(() => Compare("out"));
        Compare("out", evaluator: other);
        Assert.That(other.Exception!.Message, Does.Contain("another comparison is running"));
        Assert.That(Compare("out", evaluator: new SeedEvaluator()).IsComplete);
    }

    /// <summary>Rows that have changed under the same name.</summary>
    [Test]
    public void FinishedRunsOfOtherRowsAreRefused()
    {
        Compare("rows");
        var exception = Assert.Throws<DftNativeException>(() => Compare("rows", rowSeed: 3));
        Assert.That(exception!.Message, Does.Contain("was made with data_sha256 "));
    }

    private Comparison Compare(
        string name, CancellationTokenSource? cancellation = null, int stopAtStep = 0, IExperimentEvaluator? evaluator = null, string grid = Grid, int rowSeed = 1)
    {
        var experiment = ExperimentFile.Read(new StringReader(grid), "grid.yaml");
        using var subject = new ModelSubject(run.ModelPath, _ => null, TinyRun.Rows(seed: rowSeed), TinyRun.Rows(count: 6, seed: 2), evaluator);
        return new ExperimentRunner(experiment, subject, run.PathOf(name), () => new CpuBackend(1))
            .Run(new Observer(cancellation, stopAtStep), cancellation?.Token ?? CancellationToken.None);
    }

    private sealed class BrokenEvaluator : IExperimentEvaluator
    {
        public IEnumerable<(string Name, string Value)> Describe() => [("benchmark", "none")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation) => throw new InvalidOperationException("the power is gone");
    }

    private sealed class NonFiniteEvaluator : IExperimentEvaluator
    {
        public IEnumerable<(string Name, string Value)> Describe() => [("benchmark", "none")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation) => throw new DftNativeException(ExitCode.NonFinite, "the logits are not finite");
    }

    private sealed class HalfEvaluator : IExperimentEvaluator
    {
        public IEnumerable<(string Name, string Value)> Describe() => [("benchmark", "none")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation) => new([1, 0]) { Unasked = ["sums, problem 1: too long"] };
    }

    private sealed class BenchmarksEvaluator : IExperimentEvaluator
    {
        public IEnumerable<(string Name, string Value)> Describe() => [("benchmarks", "large, small")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation) =>
            new([1, 0, 1, 1, 0]) { Benchmarks = [new ScoredBenchmark("large", 4), new ScoredBenchmark("small", 1)] };
    }

    private sealed class Interloper(Action begin) : IExperimentEvaluator
    {
        public DftNativeException? Exception { get; private set; }

        public IEnumerable<(string Name, string Value)> Describe() => [("benchmark", "none")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation)
        {
            Exception = Assert.Throws<DftNativeException>(() => begin());
            return new EvaluatorResult([0, 1]);
        }
    }

    private sealed class SeedEvaluator : IExperimentEvaluator
    {
        public IEnumerable<(string Name, string Value)> Describe() => [("benchmark", "none")];

        public EvaluatorResult Evaluate(IBackend backend, string modelDirectory, long seed, CancellationToken cancellation)
        {
            Assert.That(File.Exists(Path.Combine(modelDirectory, "model.safetensors")));
            return new EvaluatorResult([0, 1, 0.25 * seed, 0.75]);
        }
    }

    private sealed class Observer(CancellationTokenSource? cancellation, int stopAtStep) : IExperimentObserver
    {
        public void OnStarted(int cellCount, int finishedCount) { }

        public void OnCellStarted(ExperimentCell cell) { }

        public void OnStep(ExperimentCell cell, int step, int stepCount)
        {
            if (step == stopAtStep) cancellation?.Cancel();
        }

        public void OnCellFinished(ExperimentCell cell, CellResult result, int finishedCount) { }
    }
}
