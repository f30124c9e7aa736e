using DftNative.Training;

namespace DftNative.Train.Progress;

/// <summary>Progress as plain lines, for a file or a pipe.</summary>
/// <param name="output">Written to.</param>
/// <param name="loggingSteps">Steps between lines; the last step and evaluations have one in any case.</param>
internal sealed class PlainProgress(TextWriter output, int loggingSteps) : ITrainingObserver
{
    private readonly RemainingTime remaining = new(TimeProvider.System);
    private TrainingPlan? plan;

    /// <inheritdoc/>
    public void OnStarted(TrainingPlan plan)
    {
        this.plan = plan;
        remaining.Start(plan);
    }

    /// <inheritdoc/>
    public void OnStep(StepMetrics metrics)
    {
        var isDue = metrics.Step % loggingSteps == 0 || metrics.Step == plan!.TotalSteps || metrics.IsSkipped || metrics.Evaluation is not null || metrics.Answers is not null;
        if (!isDue) return;
        output.WriteLine($"{StepText.Format(metrics, plan!)}  eta {StepText.FormatRemaining(remaining.Estimate(metrics.Step, plan!))}");
        output.Flush();
    }

    /// <inheritdoc/>
    public void OnAnswers(int step, AnswerMetrics answers)
    {
        output.WriteLine(StepText.Format(step, answers, plan!));
        output.Flush();
    }

    /// <inheritdoc/>
    public void OnCheckpointSaved(int step, string directory) => output.WriteLine($"saved {directory}");

    /// <inheritdoc/>
    public void OnFinished(TrainingResult result) { }
}
