using System.Globalization;
using DftNative.Demo;
using Spectre.Console;

namespace DftNative.Train.Progress;

/// <summary>A demo's progress as a live bar for each fine-tune, for a terminal.</summary>
internal sealed class LiveDemoProgress : IDemoObserver
{
    private readonly DemoSettings settings;
    private readonly Dictionary<string, ProgressTask> tasks;
    private double accuracy;

    private LiveDemoProgress(DemoSettings settings, ProgressContext context)
    {
        this.settings = settings;
        tasks = new[] { DemoModelResult.Sft, DemoModelResult.Dft }
            .ToDictionary(model => model, model => context.AddTask(model.ToUpperInvariant(), autoStart: false, maxValue: settings.StepCount));
    }

    /// <summary>Runs <paramref name="demo"/> with the live bars on the terminal.</summary>
    public static DemoResult Run(DemoSettings settings, Func<IDemoObserver, DemoResult> demo) =>
        AnsiConsole.Progress()
            .Columns(new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => demo(new LiveDemoProgress(settings, context)));

    /// <inheritdoc/>
    public void OnStarted(string device, long parameterCount) => AnsiConsole.WriteLine(DemoText.Introduction(settings, parameterCount));

    /// <inheritdoc/>
    public void OnStep(DemoStep step)
    {
        var task = tasks[step.Model];
        if (!task.IsStarted) task.StartTask();
        task.Value = step.Step;
        task.Description = Markup.Escape(string.Create(
            CultureInfo.InvariantCulture,
            $"{step.Model.ToUpperInvariant()} step {step.Step}/{step.StepCount}  loss {step.Statistics.Loss:F4}  nll {step.Statistics.NegativeLogLikelihood:F4}  p {step.Statistics.MeanTokenProbability:F3}  {step.TokenCount / step.ElapsedSeconds:F0} tok/s  held-out accuracy {accuracy:P0}"));
    }

    /// <inheritdoc/>
    public void OnCurvePoint(string model, DemoCurvePoint point) => accuracy = point.Accuracy;

    /// <inheritdoc/>
    public void OnModel(DemoModelResult result) => AnsiConsole.WriteLine(DemoText.Model(result));
}
