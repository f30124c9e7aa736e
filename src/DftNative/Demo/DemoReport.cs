using System.Globalization;
using DftNative.Reporting;

namespace DftNative.Demo;

/// <summary>The page that tells what a demo did and found.</summary>
public static class DemoReport
{
    /// <summary>Half the width of a 95 % confidence interval in standard errors.</summary>
    private const double NormalQuantile = 1.96;

    /// <summary>The self-contained page.</summary>
    public static string ToHtml(DemoResult result)
    {
        DemoModelResult baseModel = result[DemoModelResult.Base], sft = result[DemoModelResult.Sft], dft = result[DemoModelResult.Dft];
        var settings = result.Settings;
        var report = new HtmlReport("SFT against DFT: the same model, the same demonstrations")
            .AddParagraph(Invariant(
                $"A small transformer ({result.ParameterCount:N0} parameters) works additions column by column. It is fine-tuned twice on the same {settings.StepCount * settings.BatchSize:N0} demonstrations, of whose steps {settings.WrongStepShare:P0} are wrong: once with supervised fine-tuning (SFT, every token weighs the same) and once with Dynamic Fine-Tuning (DFT, every token's loss is weighted by the probability that the model itself gives it)."))
            .AddParagraph(Invariant(
                $"Sampled at temperature 1 on {baseModel.ProblemCount} held-out problems, the base model is right on {HtmlReport.Percent(baseModel.Accuracy)}, after SFT on {HtmlReport.Percent(sft.Accuracy)} and after DFT on {HtmlReport.Percent(dft.Accuracy)}. SFT learns to reproduce the mistakes of its data; DFT sharpens towards what the model already finds likely."))
            .AddTable(
                ["model", "accuracy ± standard error", "greedy", "NLL of right solutions", "mean p", "fine-tune", "tokens/s"],
                result.Models.Select(ResultRow))
            .AddCharts(AccuracyBars(result), AccuracyCurves(sft, dft), HeldOutCurves(sft, dft), TrainingCurves(sft, dft))
            .AddFoldedTable(
                "The curves' numbers",
                ["step", "SFT accuracy", "SFT held-out NLL", "SFT training NLL", "DFT accuracy", "DFT held-out NLL", "DFT training NLL"],
                sft.Curve.Zip(dft.Curve, CurveRow))
            .AddHeading("How sure the models are")
            .AddParagraph("The probability that each model gives to each token of right solutions of the held-out problems. Most tokens are copied digits, which every model knows; the sums are where they differ: SFT leaves room for the mistakes it was shown, DFT pushes nearly everything to 1.")
            .AddCharts([.. result.Models.Select(TokenProbabilities)])
            .AddHeading("What it looks like")
            .AddParagraph("A demonstration, wrong steps marked; then the models' sampled solutions of a held-out problem.")
            .AddListing([
                Line("demonstration", result.ExampleDemonstration.Problem, result.ExampleDemonstration.Solution),
                .. result.Models.Select(model => Line(model.Name, result.ExampleProblem, model.SampledSolution))])
            .AddHeading("How it was made")
            .AddParagraph(Invariant(
                $"Seed {settings.Seed}; {settings.StepCount} steps of {settings.BatchSize} demonstrations, AdamW, peak learning rate {settings.LearningRate:0.######}, linear warm-up over a tenth of the steps, then cosine to 0. Device: {result.Device}. The whole demo took {result.ElapsedSeconds:F0} s. Held-out problems are a fixed eighth of all, which no seed ever trains on. Intervals are 95 %, by the normal approximation."))
            .AddParagraph("The method: Wu et al., On the Generalization of SFT: A Reinforcement Learning Perspective with Reward Rectification, arXiv 2508.05629.");
        return report.ToHtml();
    }

    private static IReadOnlyList<string> ResultRow(DemoModelResult model) =>
    [
        Label(model.Name), Invariant($"{model.Accuracy * 100:F1} ± {model.StandardError * 100:F1}\u00A0%"), HtmlReport.Percent(model.GreedyAccuracy),
        Invariant($"{model.Solutions.NegativeLogLikelihood:F4}"), Invariant($"{model.Solutions.MeanTokenProbability:F4}"),
        model.TrainingTokens == 0 ? "–" : Invariant($"{model.TrainingSeconds:F1} s"), model.TrainingTokens == 0 ? "–" : Invariant($"{model.TokensPerSecond:N0}"),
    ];

    private static IReadOnlyList<string> CurveRow(DemoCurvePoint sft, DemoCurvePoint dft) =>
    [
        Invariant($"{sft.Step}"), HtmlReport.Percent(sft.Accuracy), Nll(sft.HeldOutNll), Nll(sft.TrainingNll),
        HtmlReport.Percent(dft.Accuracy), Nll(dft.HeldOutNll), Nll(dft.TrainingNll),
    ];

    private static string Nll(double value) => double.IsFinite(value) ? Invariant($"{value:F4}") : "–";

    private static BarChart AccuracyBars(DemoResult result) => new(
        "Accuracy on held-out problems", "One solution a problem, sampled at temperature 1; with 95 % intervals.",
        new ChartAxis("right results") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 },
        [.. result.Models.Select(model => new Bar(
            Label(model.Name), Color(model.Name), model.Accuracy,
            Math.Max(0, model.Accuracy - NormalQuantile * model.StandardError), Math.Min(1, model.Accuracy + NormalQuantile * model.StandardError)))]);

    private static LineChart AccuracyCurves(DemoModelResult sft, DemoModelResult dft) => new(
        "Accuracy while fine-tuning", Invariant($"On {sft.Curve.FirstOrDefault().ProblemCount} of the problems, sampled; the bands are 95 % intervals."),
        Steps, new ChartAxis("right results") { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 },
        Curves(sft, dft, point => new ChartPoint(
            point.Step, point.Accuracy,
            Math.Max(0, point.Accuracy - NormalQuantile * point.StandardError), Math.Min(1, point.Accuracy + NormalQuantile * point.StandardError))));

    private static LineChart HeldOutCurves(DemoModelResult sft, DemoModelResult dft) => new(
        "Right solutions", "How surprised the model is by right solutions of held-out problems. Lower is better.",
        Steps, new ChartAxis("NLL per token") { Minimum = 0 }, Curves(sft, dft, point => new ChartPoint(point.Step, point.HeldOutNll)));

    private static LineChart TrainingCurves(DemoModelResult sft, DemoModelResult dft) => new(
        "Demonstrations", "How surprised the model is by its training data. With DFT it rises while the model gets better: it stops believing the mistakes.",
        Steps, new ChartAxis("NLL per token") { Minimum = 0 }, Curves(sft, dft, point => new ChartPoint(point.Step, point.TrainingNll)));

    private static HistogramChart TokenProbabilities(DemoModelResult model) => new(
        Label(model.Name), "",
        new ChartAxis("token probability") { Minimum = 0, Maximum = 1 },
        new ChartAxis("share of tokens") { Scale = AxisScale.Logarithmic, Format = TickFormat.Percent, Minimum = 1e-5, Maximum = 1 },
        Color(model.Name), model.Solutions.Histogram);

    private static ChartAxis Steps => new("step") { Minimum = 0 };

    private static LineSeries[] Curves(DemoModelResult sft, DemoModelResult dft, Func<DemoCurvePoint, ChartPoint> select) =>
        [.. new[] { sft, dft }.Select(model => new LineSeries(Label(model.Name), Color(model.Name), [.. model.Curve.Select(select)]))];

    private static IReadOnlyList<(string Text, bool IsMarked)> Line(string name, AdditionProblem problem, string solution) =>
        [(Label(name).PadRight(14) + problem.Prompt, false), .. WorkedAddition.Annotate(problem, solution)];

    private static string Label(string name) => name is DemoModelResult.Sft or DemoModelResult.Dft ? name.ToUpperInvariant() : name;

    private static SeriesColor Color(string name) => name switch
    {
        DemoModelResult.Sft => SeriesColor.Warm,
        DemoModelResult.Dft => SeriesColor.Cool,
        _ => SeriesColor.Neutral,
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
