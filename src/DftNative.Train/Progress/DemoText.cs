using System.Globalization;
using DftNative.Demo;

namespace DftNative.Train.Progress;

/// <summary>What a demo tells, as lines.</summary>
internal static class DemoText
{
    /// <summary>The heads of the result table.</summary>
    public static readonly string[] Columns = ["model", "accuracy", "greedy", "fine-tune", "tokens/s"];

    /// <summary>What is about to happen.</summary>
    public static string Introduction(DemoSettings settings, long parameterCount) => Invariant(
        $"model: {parameterCount:N0} parameters, taught additions column by column with some wrong steps\ntask: {settings.StepCount * settings.BatchSize:N0} demonstrations with {settings.WrongStepShare:P0} wrong steps, {settings.ProblemCount} held-out problems, seed {settings.Seed}");

    /// <summary>A point of a learning curve.</summary>
    public static string Point(DemoSettings settings, string model, DemoCurvePoint point) => Invariant(
        $"{model.ToUpperInvariant()} step {point.Step,3}/{settings.StepCount}  accuracy {point.Accuracy,6:P1} of {point.ProblemCount}  NLL of right solutions {point.HeldOutNll:F4}")
        + (double.IsFinite(point.TrainingNll) ? Invariant($", of demonstrations {point.TrainingNll:F4}") : "");

    /// <summary>A model's result.</summary>
    public static string Model(DemoModelResult model) => Invariant(
        $"{Name(model)}: accuracy {Accuracy(model)} sampled at temperature 1, {model.GreedyAccuracy:P1} greedily");

    /// <summary>A model's row of the result table.</summary>
    public static string[] Row(DemoModelResult model) =>
    [
        Name(model), Accuracy(model), Invariant($"{model.GreedyAccuracy:P1}"),
        model.TrainingTokens == 0 ? "–" : Invariant($"{model.TrainingSeconds:F1} s"), model.TrainingTokens == 0 ? "–" : Invariant($"{model.TokensPerSecond:N0}"),
    ];

    /// <summary>What the numbers mean, and where the rest is.</summary>
    public static string[] Conclusion(DemoResult result, string output) =>
    [
        Invariant($"Accuracy is the share of {result.Models[0].ProblemCount} held-out problems solved, one solution each sampled at temperature 1, ± its standard error."),
        Invariant($"SFT learns to repeat the {result.Settings.WrongStepShare:P0} of wrong steps in its data; DFT weighs each token by the model's own probability and unlearns them."),
        Invariant($"DFT is {result.DftAdvantage * 100:F1} points above SFT. Took {result.ElapsedSeconds:F1} s; the report is {Path.Combine(output, "report.html")}, the models are in {Path.Combine(output, "models")}"),
    ];

    private static string Name(DemoModelResult model) => model.Name == DemoModelResult.Base ? model.Name : model.Name.ToUpperInvariant();

    private static string Accuracy(DemoModelResult model) => Invariant($"{model.Accuracy * 100:F1} ± {model.StandardError * 100:F1} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
