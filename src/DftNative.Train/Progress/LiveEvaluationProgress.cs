using Spectre.Console;

namespace DftNative.Train.Progress;

/// <summary>An evaluation's progress as one live line with a bar, for a terminal.</summary>
internal sealed class LiveEvaluationProgress : EvaluationProgress
{
    private readonly ProgressContext context;
    private ProgressTask? task;

    private LiveEvaluationProgress(ProgressContext context)
        : base(TimeProvider.System) => this.context = context;

    /// <summary>Runs <paramref name="evaluate"/> with the live line on the terminal.</summary>
    public static void Run(Action<EvaluationProgress> evaluate) =>
        AnsiConsole.Progress()
            .Columns(new ProgressBarColumn { Width = 12 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => evaluate(new LiveEvaluationProgress(context)));

    /// <inheritdoc/>
    protected override void OnBegun() => task = context.AddTask("sampling", maxValue: Math.Max(1, Total));

    /// <inheritdoc/>
    protected override void OnChanged()
    {
        task!.Description = Markup.Escape(Describe());
        task.Value = Done;
    }
}
