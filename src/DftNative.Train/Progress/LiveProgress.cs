using DftNative.Training;
using Spectre.Console;

namespace DftNative.Train.Progress;

/// <summary>Progress as one live line with a bar, for a terminal; evaluations and checkpoints stay above it.</summary>
internal sealed class LiveProgress : ITrainingObserver
{
    private readonly ProgressContext context;
    private readonly RemainingTime remaining = new(TimeProvider.System);
    private ProgressTask? task;
    private TrainingPlan? plan;

    private LiveProgress(ProgressContext context) => this.context = context;

    /// <summary>Runs <paramref name="train"/> with the live line on the terminal.</summary>
    public static TrainingResult Run(Func<ITrainingObserver, TrainingResult> train) =>
        AnsiConsole.Progress()
            .Columns(new ProgressBarColumn { Width = 12 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => train(new LiveProgress(context)));

    /// <inheritdoc/>
    public void OnStarted(TrainingPlan plan)
    {
        this.plan = plan;
        task = context.AddTask("step 1", maxValue: Math.Max(1, plan.TotalSteps));
        task.Value = plan.StepsDone;
        remaining.Start(plan);
    }

    /// <inheritdoc/>
    public void OnStep(StepMetrics metrics)
    {
        task!.Description = Markup.Escape($"{StepText.FormatShort(metrics, plan!)} eta {StepText.FormatRemaining(remaining.Estimate(metrics.Step, plan!))}");
        task.Value = metrics.Step;
        if (metrics.Evaluation is not null || metrics.Answers is not null || metrics.IsSkipped) AnsiConsole.MarkupLine(Markup.Escape(StepText.Format(metrics, plan!)));
    }

    /// <inheritdoc/>
    public void OnAnswers(int step, AnswerMetrics answers) => AnsiConsole.MarkupLine(Markup.Escape(StepText.Format(step, answers, plan!)));

    /// <inheritdoc/>
    public void OnCheckpointSaved(int step, string directory) => AnsiConsole.MarkupLine(Markup.Escape($"saved {directory}"));

    /// <inheritdoc/>
    public void OnFinished(TrainingResult result) { }
}
