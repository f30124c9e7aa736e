using System.Globalization;
using DftNative.Training;

namespace DftNative.Train.Progress;

/// <summary>A step's metrics as one line.</summary>
internal static class StepText
{
    /// <summary>step, loss, NLL, mean p, gradient norm, learning rate, tokens/s, and the evaluation if there was one.</summary>
    public static string Format(StepMetrics metrics, TrainingPlan plan)
    {
        var statistics = metrics.Statistics;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"step {metrics.Step}/{plan.TotalSteps}  loss {statistics.Loss:0.0000}  nll {statistics.NegativeLogLikelihood:0.0000}  "
            + $"p {statistics.MeanTokenProbability:0.000}  grad {metrics.GradientNorm:0.00}  lr {metrics.LearningRate:0.00e-0}  {metrics.TokensPerSecond:0} tok/s");
        if (metrics.IsSkipped) text += FormattableString.Invariant($"  skipped: not finite ({metrics.SkippedStepCount} so far)");
        if (metrics.Evaluation is { Statistics: var eval })
        {
            text += string.Create(
                CultureInfo.InvariantCulture,
                $"  | eval loss {eval.Loss:0.0000}  nll {eval.NegativeLogLikelihood:0.0000}  p {eval.MeanTokenProbability:0.000}  accuracy {eval.TokenAccuracy:0.000}");
        }

        return metrics.Answers is { } answers ? $"{text}  | {Format(answers)}" : text;
    }

    /// <summary>An evaluation by sampled answers that an earlier part of the run had cut short.</summary>
    public static string Format(int step, AnswerMetrics answers, TrainingPlan plan) => FormattableString.Invariant($"step {step}/{plan.TotalSteps}  {Format(answers)}");

    /// <summary>step, loss, NLL, mean p and tokens/s, short enough for a terminal of 80 columns beside a bar.</summary>
    public static string FormatShort(StepMetrics metrics, TrainingPlan plan)
    {
        var statistics = metrics.Statistics;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{metrics.Step}/{plan.TotalSteps} loss {statistics.Loss:0.0000} nll {statistics.NegativeLogLikelihood:0.000} p {statistics.MeanTokenProbability:0.000} {metrics.TokensPerSecond:0} tok/s");
        return metrics.SkippedStepCount == 0 ? text : FormattableString.Invariant($"{text} {metrics.SkippedStepCount} skipped");
    }

    private static string Format(AnswerMetrics answers) =>
        string.Create(CultureInfo.InvariantCulture, $"answers average@{answers.SampleCount} {answers.Average:0.000}  cut off {answers.CutOffShare:0.00}");

    /// <summary>A time to go.</summary>
    public static string FormatRemaining(TimeSpan remaining) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)remaining.TotalHours}:{remaining.Minutes:00}:{remaining.Seconds:00}");
}
