using System.Diagnostics;
using DftNative.Backends;
using DftNative.Data;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;

namespace DftNative.Demo;

/// <summary>One fine-tune of the base model, step by step as the trainer does it, with a learning curve.</summary>
/// <param name="transformer">Trained; starts from its parameters.</param>
/// <param name="evaluator">Measures the points of the curve.</param>
/// <param name="observer">Told of steps and points.</param>
internal sealed class DemoFineTune(Transformer transformer, DemoEvaluator evaluator, IDemoObserver? observer)
{
    private readonly List<DemoCurvePoint> curve = [];

    /// <summary>The learning curve, step 0 included.</summary>
    public IReadOnlyList<DemoCurvePoint> Curve => curve;

    /// <summary>Seconds in steps, without evaluations.</summary>
    public double TrainingSeconds { get; private set; }

    /// <summary>Tokens trained on.</summary>
    public long TrainingTokens { get; private set; }

    /// <summary>Trains on the demonstrations in their order.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="optimizer">New, its weights the base model's.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="demonstrations">StepCount times the rows of a step.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>.</exception>
    public void Run(
        IBackend backend, AdamWOptimizer optimizer, DemoFineTunePlan plan, IReadOnlyList<TrainingRow> demonstrations, CancellationToken cancellation)
    {
        var schedule = LearningRateSchedule.Create(plan.Options, plan.StepCount);
        var runner = new StepRunner(backend, transformer, optimizer, plan.Options);
        var batchSize = plan.Options.GlobalBatchSize;
        double nllSum = 0, lossSum = 0, targetCount = 0;
        AddPoint(plan, 0, double.NaN, double.NaN, cancellation);
        for (var step = 1; step <= plan.StepCount; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = demonstrations.Skip((step - 1) * batchSize).Take(batchSize).ToArray();
            var start = Stopwatch.GetTimestamp();
            var result = runner.Run(runner.Prepare(rows), step, schedule.At(step - 1));
            var statistics = runner.Statistics;
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (result.IsSkipped) throw new DftNativeException(ExitCode.NonFinite, $"the loss or the gradient of {plan.Name} was not finite at step {step}");
            TrainingSeconds += elapsed;
            TrainingTokens += result.TokenCount;
            nllSum += statistics.NegativeLogLikelihoodSum;
            lossSum += statistics.WeightedLossSum;
            targetCount += statistics.Tokens;
            observer?.OnStep(new DemoStep(plan.Name, step, plan.StepCount, statistics, result.TokenCount, elapsed));
            if (step % plan.CurveInterval != 0 && step != plan.StepCount) continue;
            AddPoint(plan, step, nllSum / targetCount, lossSum / targetCount, cancellation);
            (nllSum, lossSum, targetCount) = (0, 0, 0);
        }
    }

    private void AddPoint(DemoFineTunePlan plan, int step, double trainingNll, double trainingLoss, CancellationToken cancellation)
    {
        var count = Math.Min(plan.CurveProblemCount, evaluator.ProblemCount);
        var correct = evaluator.CountCorrect(evaluator.Solve(count, temperature: 1, cancellation));
        var point = new DemoCurvePoint(step, (double)correct / count, count, evaluator.Score(count).NegativeLogLikelihood, trainingNll, trainingLoss);
        curve.Add(point);
        observer?.OnCurvePoint(plan.Name, point);
    }
}
