using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Reporting;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Experiments;

/// <summary>A model and its data, trained as <c>train</c> does: a run that was cut goes on from its last checkpoint.</summary>
/// <param name="modelPath">The model that every run starts from.</param>
/// <param name="openReference">Opens the frozen model of a run's options; null: the run has none of its own.</param>
/// <param name="rows">Training rows.</param>
/// <param name="evaluationRows">Held-out rows.</param>
/// <param name="evaluator">Measures trained models by their answers; null: runs are compared by the NLL of the held-out rows.</param>
/// <param name="logger">Told what a user should know.</param>
public sealed class ModelSubject(
    string modelPath, Func<TrainingOptions, ModelDirectory?> openReference, IReadOnlyList<TrainingRow> rows, IReadOnlyList<TrainingRow> evaluationRows,
    IExperimentEvaluator? evaluator = null, ILogger? logger = null) : IExperimentSubject
{
    private const string TrainingName = "train";

    // By their contents, since what a path names may change between two calls.
    private readonly Lazy<(string Name, string Value)[]> fingerprints = new(() =>
    [
        ("model_xxh64", ModelFingerprint.Of(modelPath)),
        ("data_sha256", new CheckedRows(rows, 0).ComputeFingerprint()),
        ("eval_data_sha256", new CheckedRows(evaluationRows, 0).ComputeFingerprint()),
    ]);

    /// <inheritdoc/>
    public IEnumerable<(string Name, string Value)> Describe() => [.. fingerprints.Value, .. evaluator?.Describe() ?? []];

    /// <inheritdoc/>
    public CellResult Run(
        IBackend backend, ExperimentCell cell, TrainingOptions options, string directory, IExperimentObserver observer, CancellationToken cancellation)
    {
        var output = new RunDirectory(Path.Combine(directory, TrainingName));
        if (!Directory.Exists(output.FinalPath)) Train(backend, cell, options, output, observer, cancellation);
        return Summarize(RunMetrics.Read(output.MetricsPath), evaluator?.Evaluate(backend, output.FinalPath, cell.Seed, cancellation) ?? new EvaluatorResult([]));
    }

    /// <inheritdoc/>
    public void CleanUp(TrainingOptions options, string directory)
    {
        var output = new RunDirectory(Path.Combine(directory, TrainingName));
        foreach (var (_, checkpoint) in TrainingCheckpoint.List(output.Path)) AtomicDirectory.RemoveQuietly(checkpoint);
        if (!options.SaveFinal) AtomicDirectory.RemoveQuietly(output.FinalPath);
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private void Train(IBackend backend, ExperimentCell cell, TrainingOptions options, RunDirectory output, IExperimentObserver observer, CancellationToken cancellation)
    {
        var isResumed = TrainingCheckpoint.Latest(output.Path) is not null;
        // What a run left that was killed before its first checkpoint is of no use.
        if (!isResumed) AtomicDirectory.RemoveQuietly(output.Path);
        // The final model marks the end of training, so that a run that is killed behind it is not trained again.
        var run = options with { OutputDirectory = output.Path, ResumeFromCheckpoint = isResumed ? "latest" : null, SaveFinal = true };
        using var model = ModelDirectory.Open(modelPath);
        using var reference = openReference(run);
        using var trainer = new Trainer(backend, model, rows, evaluationRows, run, logger, reference);
        if (trainer.Run(new StepObserver(cell, observer), cancellation).Outcome == TrainingOutcome.Interrupted) throw new OperationCanceledException(cancellation);
    }

    private static CellResult Summarize(RunMetrics metrics, EvaluatorResult answers)
    {
        var training = metrics["nll"];
        var curve = new List<ExperimentCurvePoint>();
        double last = 0;
        foreach (var point in metrics["eval_nll"].Where(point => point.IsFinite))
        {
            double[] since = [.. training.Where(step => step.X > last && step.X <= point.X && step.IsFinite).Select(step => step.Y)];
            curve.Add(new ExperimentCurvePoint((int)point.X, Accuracy: null, point.Y, since.Length == 0 ? null : since.Average()));
            last = point.X;
        }

        if (curve.Count == 0) throw new DftNativeException(ExitCode.NonFinite, "the NLL of the held-out rows was not finite at any evaluation");
        return new CellResult
        {
            Scores = answers.Scores,
            Benchmarks = answers.Benchmarks,
            Unasked = answers.Unasked,
            EvalNll = curve[^1].EvalNll,
            MeanTokenProbability = metrics["eval_mean_token_probability"].Last(point => point.IsFinite).Y,
            StepCount = metrics.LastStep,
            Curve = curve,
            TrainingSeconds = metrics["step_seconds"].Sum(point => point.Y),
            TrainingTokens = (long)metrics["tokens"].Sum(point => point.Y),
        };
    }

    /// <summary>Passes steps on.</summary>
    private sealed class StepObserver(ExperimentCell cell, IExperimentObserver observer) : ITrainingObserver
    {
        private int totalSteps;

        public void OnStarted(TrainingPlan plan) => totalSteps = plan.TotalSteps;

        public void OnStep(StepMetrics metrics) => observer.OnStep(cell, metrics.Step, totalSteps);

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
