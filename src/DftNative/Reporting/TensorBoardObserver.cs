using DftNative.Losses;
using DftNative.Training;

namespace DftNative.Reporting;

/// <summary>Writes a run's metrics, and the histogram of the targets' probabilities, as TensorBoard events.</summary>
/// <param name="writer">Owned.</param>
public sealed class TensorBoardObserver(TensorBoardWriter writer) : ITrainingObserver, IDisposable
{
    /// <inheritdoc/>
    public void OnStarted(TrainingPlan plan) { }

    /// <inheritdoc/>
    public void OnStep(StepMetrics metrics)
    {
        List<(string Tag, double Value)> scalars =
        [
            ("train/learning_rate", metrics.LearningRate),
            ("train/tokens_per_second", metrics.TokensPerSecond),
            ("train/epoch", metrics.Epoch),
            ("train/skipped_steps", metrics.SkippedStepCount),
        ];
        if (metrics.ModelFlopsUtilization is { } utilization) scalars.Add(("train/mfu", utilization));
        if (metrics.GradientNorm is { } norm) scalars.Add(("train/grad_norm", norm));
        if (metrics.Profile is { } profile) scalars.AddRange(profile.Parts.Select(part => ("profile_ms/" + part.Name, part.Milliseconds)));
        AddStatistics(scalars, "train/", metrics.Statistics);
        if (metrics.Evaluation is { } evaluation)
        {
            AddStatistics(scalars, "eval/", evaluation.Statistics);
            WriteHistogram(metrics.Step, "eval/token_probability", evaluation.Statistics);
        }

        if (metrics.Answers is { } answers) scalars.AddRange(Scalars(answers));
        writer.WriteScalars(metrics.Step, scalars);
        WriteHistogram(metrics.Step, "train/token_probability", metrics.Statistics);
        writer.Flush();
    }

    /// <inheritdoc/>
    public void OnAnswers(int step, AnswerMetrics answers)
    {
        writer.WriteScalars(step, [.. Scalars(answers)]);
        writer.Flush();
    }

    /// <inheritdoc/>
    public void OnCheckpointSaved(int step, string directory) { }

    /// <inheritdoc/>
    public void OnFinished(TrainingResult result) => writer.Flush();

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private static IEnumerable<(string Tag, double Value)> Scalars(AnswerMetrics answers) => answers.Values.Select(static value => ("eval_generate/" + value.Name, value.Value));

    private void WriteHistogram(int step, string tag, TokenLossStatistics statistics)
    {
        if (statistics.Tokens > 0) writer.WriteHistogram(step, tag, statistics.Histogram, minimum: 0, maximum: 1);
    }

    private static void AddStatistics(List<(string Tag, double Value)> scalars, string prefix, TokenLossStatistics statistics)
    {
        if (statistics.Tokens == 0) return;
        scalars.Add((prefix + "loss", statistics.Loss));
        scalars.Add((prefix + "nll", statistics.NegativeLogLikelihood));
        scalars.Add((prefix + "mean_token_probability", statistics.MeanTokenProbability));
        scalars.Add((prefix + "token_accuracy", statistics.TokenAccuracy));
    }
}
