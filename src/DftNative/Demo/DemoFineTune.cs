using System.Diagnostics;
using DftNative.Backends;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;

namespace DftNative.Demo;

/// <summary>One fine-tune of the base model, step by step as the trainer does it, with a learning curve.</summary>
internal sealed class DemoFineTune
{
    private readonly DemoSettings settings;
    private readonly Transformer transformer;
    private readonly DemoEvaluator evaluator;
    private readonly IDemoObserver? observer;
    private readonly List<DemoCurvePoint> curve = [];

    /// <summary>A fine-tune that starts from the transformer's parameters.</summary>
    public DemoFineTune(DemoSettings settings, Transformer transformer, DemoEvaluator evaluator, IDemoObserver? observer) =>
        (this.settings, this.transformer, this.evaluator, this.observer) = (settings, transformer, evaluator, observer);

    /// <summary>The options of every fine-tune, but for the loss.</summary>
    public static TrainingOptions OptionsOf(DemoSettings settings) => new() { LearningRate = settings.LearningRate, GlobalBatchSize = settings.BatchSize };

    /// <summary>The learning curve, step 0 included.</summary>
    public IReadOnlyList<DemoCurvePoint> Curve => curve;

    /// <summary>Seconds in steps, without evaluations.</summary>
    public double TrainingSeconds { get; private set; }

    /// <summary>Tokens trained on.</summary>
    public long TrainingTokens { get; private set; }

    /// <summary>Trains on the demonstrations in their order.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="optimizer">New, its weights the base model's.</param>
    /// <param name="name">sft or dft.</param>
    /// <param name="lossType">What the name stands for.</param>
    /// <param name="demonstrations">StepCount·BatchSize rows.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>.</exception>
    public void Run(
        IBackend backend, AdamWOptimizer optimizer, string name, LossType lossType, IReadOnlyList<TrainingRow> demonstrations, CancellationToken cancellation)
    {
        var options = OptionsOf(settings) with { LossType = lossType };
        var schedule = LearningRateSchedule.Create(options, settings.StepCount);
        var runner = new StepRunner(backend, transformer, optimizer, options);
        double nllSum = 0, lossSum = 0, targetCount = 0;
        AddPoint(name, 0, double.NaN, double.NaN, cancellation);
        for (var step = 1; step <= settings.StepCount; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = demonstrations.Skip((step - 1) * settings.BatchSize).Take(settings.BatchSize).ToArray();
            var start = Stopwatch.GetTimestamp();
            var result = runner.Run(runner.Prepare(rows), step, schedule.At(step - 1));
            var statistics = runner.Statistics;
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (result.IsSkipped) throw new DftNativeException(ExitCode.NonFinite, $"demo: the loss or the gradient of {name} was not finite at step {step}");
            TrainingSeconds += elapsed;
            TrainingTokens += result.TokenCount;
            nllSum += statistics.NegativeLogLikelihoodSum;
            lossSum += statistics.WeightedLossSum;
            targetCount += statistics.Tokens;
            observer?.OnStep(new DemoStep(name, step, settings.StepCount, statistics, result.TokenCount, elapsed));
            if (step % settings.CurveInterval != 0 && step != settings.StepCount) continue;
            AddPoint(name, step, nllSum / targetCount, lossSum / targetCount, cancellation);
            (nllSum, lossSum, targetCount) = (0, 0, 0);
        }
    }

    private void AddPoint(string name, int step, double trainingNll, double trainingLoss, CancellationToken cancellation)
    {
        var count = Math.Min(settings.CurveProblemCount, settings.ProblemCount);
        var correct = evaluator.CountCorrect(evaluator.Solve(count, temperature: 1, cancellation));
        var point = new DemoCurvePoint(step, (double)correct / count, count, evaluator.Score(count).NegativeLogLikelihood, trainingNll, trainingLoss);
        curve.Add(point);
        observer?.OnCurvePoint(name, point);
    }
}
