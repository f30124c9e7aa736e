using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Experiments;

/// <summary>The embedded model on one of its tasks.</summary>
public sealed class DemoSubject : IExperimentSubject
{
    private readonly DemoSubjectSettings settings;
    private readonly IDemoTask task;
    private readonly string modelPath = Directory.CreateTempSubdirectory("dftnative-compare-").FullName;

    /// <summary>Unpacks the model.</summary>
    public DemoSubject(DemoSubjectSettings settings)
    {
        (this.settings, task) = (settings, settings.CreateTask());
        DemoAssets.Extract(modelPath);
    }

    /// <inheritdoc/>
    public IEnumerable<(string Name, string Value)> Describe() => [];

    /// <inheritdoc/>
    public CellResult Run(
        IBackend backend, ExperimentCell cell, TrainingOptions options, string directory, IExperimentObserver observer, CancellationToken cancellation)
    {
        using var model = ModelDirectory.Open(modelPath);
        using var transformer = new Transformer(backend, model.Configuration, new TransformerOptions(options.GlobalBatchSize * task.RowLength) { Training = true });
        using var optimizer = new AdamWOptimizer(backend, transformer, options.AdamW, options.ExcludeNormAndBiasFromDecay, options.Seed);
        model.Load(backend, transformer.Layout, optimizer.Weights);
        using var reference = FrozenReference.Attach(backend, transformer, model, options.TokenLoss);
        var rows = new DemoRows(Tokenizer.Load(modelPath));
        var seed = (ulong)cell.Seed;
        using var evaluator = new DemoEvaluator(backend, transformer, rows, task.DrawProblems(seed, settings.Problems), task.RowLength, seed);

        var stepCount = settings.Demonstrations / options.GlobalBatchSize;
        var plan = new DemoFineTunePlan(cell.Setting.Loss.Name, options, stepCount, Math.Max(1, (stepCount + settings.CurvePoints - 1) / settings.CurvePoints), settings.CurveProblems);
        var fineTune = new DemoFineTune(transformer, evaluator, new StepObserver(cell, observer));
        var demonstrations = task.Demonstrate(seed, settings.Demonstrations).Select(item => rows.CreateRow(item.Prompt, item.Response)).ToArray();
        fineTune.Run(backend, optimizer, plan, demonstrations, cancellation);

        var problemCount = evaluator.ProblemCount;
        var sampled = evaluator.Judge(evaluator.Solve(problemCount, temperature: 1, cancellation));
        var greedy = evaluator.CountCorrect(evaluator.Solve(problemCount, temperature: 0, cancellation));
        var solutions = evaluator.Score(problemCount);
        return new CellResult
        {
            Scores = [.. sampled.Select(isCorrect => isCorrect ? 1.0 : 0.0)],
            GreedyAccuracy = (double)greedy / problemCount,
            EvalNll = solutions.NegativeLogLikelihood,
            MeanTokenProbability = solutions.MeanTokenProbability,
            StepCount = stepCount,
            Curve = [.. fineTune.Curve.Select(point => new ExperimentCurvePoint(point.Step, point.Accuracy, point.HeldOutNll, double.IsNaN(point.TrainingNll) ? null : point.TrainingNll))],
            TrainingSeconds = fineTune.TrainingSeconds,
            TrainingTokens = fineTune.TrainingTokens,
        };
    }

    /// <inheritdoc/>
    public void CleanUp(TrainingOptions options, string directory) { }

    /// <inheritdoc/>
    public void Dispose() => AtomicDirectory.RemoveQuietly(modelPath);

    /// <summary>Passes steps on.</summary>
    private sealed class StepObserver(ExperimentCell cell, IExperimentObserver observer) : IDemoObserver
    {
        public void OnStarted(string device, long parameterCount) { }

        public void OnStep(DemoStep step) => observer.OnStep(cell, step.Step, step.StepCount);

        public void OnCurvePoint(string model, DemoCurvePoint point) { }

        public void OnModel(DemoModelResult result) { }
    }
}
