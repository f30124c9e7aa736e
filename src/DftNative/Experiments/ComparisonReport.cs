using System.Globalization;
using DftNative.Experiments.Statistics;
using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>The page that tells what a comparison found.</summary>
public static class ComparisonReport
{
    private static readonly string[] PairColumns =
        ["loss", "against", "difference", "over seeds", "p", "over problems", "p", "reaches it", "is reached"];

    /// <summary>The self-contained page.</summary>
    public static string ToHtml(Comparison comparison)
    {
        var charts = new ComparisonCharts(comparison);
        var losses = string.Join(", ", comparison.Experiment.Losses.Select(loss => loss.Name));
        var report = new HtmlReport($"Losses compared: {losses}");
        if (!comparison.IsComplete)
            report.AddParagraph($"Unfinished: {comparison.FinishedCount} of {comparison.Experiment.CellCount} runs. What is shown is of those alone; the same command goes on with the others.");
        report.AddParagraph(DescribeSubject(comparison));
        AddFailures(report, comparison);
        report.AddHeading("Each loss at its best setting")
            .AddParagraph("The best of a loss is the setting with the best mean on the very problems that it is reported on, which flatters a loss that was tried with more settings; the tables below have them all. Intervals are 95 %: over seeds by Student's t, over problems by Wilson's formula." + DescribeUntrained(comparison))
            .AddTable(SettingColumns(comparison), comparison.BestSettings.Select(setting => SettingRow(comparison, setting)))
            .AddCharts(charts.BestSettings(), charts.BestCurves())
            .AddTable(PairColumns, comparison.BestSettingPairs.Select(pair => PairRow(comparison, pair)))
            .AddParagraph(DescribeTests(comparison));
        if (charts.LearningRates() is { Count: > 0 } learningRates) report.AddHeading("Learning rates and batch sizes").AddCharts([.. learningRates]);
        report.AddFoldedTable("Every setting", SettingColumns(comparison), comparison.Settings.Select(setting => SettingRow(comparison, setting)));
        if (comparison.SameSettingPairs.Count > 0)
            report.AddFoldedTable("Every two losses at the same learning rate and batch size", ["learning rate", "batch", .. PairColumns], comparison.SameSettingPairs.Select(pair => SameSettingRow(comparison, pair)));
        report.AddHeading("How sure the models are").AddCharts(charts.BestEvalNll(), charts.BestTrainingNll());
        if (charts.SettingCurves() is { Count: > 0 } curves) report.AddHeading("Learning curves, setting by setting").AddCharts([.. curves]);
        return report.ToHtml();
    }

    private static string DescribeSubject(Comparison comparison)
    {
        var subject = string.Join("; ", comparison.Experiment.DescribeSubject().Where(item => item.Value != "none").Select(item => $"{item.Name} {item.Value}"));
        return $"{subject}. Runs of one seed see the same rows in the same order and are measured on the same problems with the same random numbers, whatever their loss.";
    }

    private static string DescribeUntrained(Comparison comparison) =>
        comparison.Untrained is { } untrained && comparison.CurveMetric == comparison.Metric ? $" Before training, at the curves' step 0: {Value(comparison, untrained)}." : "";

    private static string DescribeTests(Comparison comparison) =>
        "Differences are the first loss less the second, paired by seed"
        + (comparison.Metric == ExperimentMetric.Accuracy ? " and problem. " : "; lower is better. ")
        + "Over seeds: Student's paired t, for what holds of other data, problems and sampling; with few seeds it is wide. "
        + (comparison.Metric == ExperimentMetric.Accuracy
            ? "Over problems: the paired bootstrap, and a permutation test that swaps the two losses' verdicts of each problem (exact: McNemar's), for whether these very models differ. "
            : "")
        + "p-values are not corrected for their number. The last two columns are steps: at which the mean curve of the one is as good as the best point of the other's.";

    private static void AddFailures(HtmlReport report, Comparison comparison)
    {
        if (comparison.Failures.Count == 0) return;
        report.AddHeading("Failed runs").AddTable(["run", "why"], comparison.Failures.Select(failure => (IReadOnlyList<string>)[failure.Cell.ToString(), failure.Reason]));
    }

    private static string[] SettingColumns(Comparison comparison) =>
    [
        "loss", "learning rate", "batch", "steps", "runs", comparison.Metric == ExperimentMetric.Accuracy ? "right answers" : "held-out NLL", "over seeds", "over problems", "greedy", "NLL",
    ];

    private static IReadOnlyList<string> SettingRow(Comparison comparison, SettingSummary setting) =>
    [
        setting.Setting.Loss.Name, setting.Setting.LearningRateText, Text(setting.Setting.BatchSize), setting.Runs.Count == 0 ? "–" : Text(setting.Runs[0].Result.StepCount),
        $"{setting.Runs.Count} of {setting.SeedCount}", Value(comparison, setting.Mean), Ends(comparison, setting.OverSeeds), Ends(comparison, setting.OverProblems),
        HtmlReport.Percent(setting.GreedyAccuracy), Nll(setting.EvalNll),
    ];

    private static IReadOnlyList<string> PairRow(Comparison comparison, PairSummary pair) =>
    [
        pair.First.Setting.Loss.Name, pair.Second.Setting.Loss.Name, Value(comparison, pair.Difference, signed: true),
        Ends(comparison, pair.OverSeeds), PValue(pair.SeedsPValue), Ends(comparison, pair.OverProblems), PValue(pair.ProblemsPValue),
        pair.FirstReachesSecond is { } first ? Text(first) : "never", pair.SecondReachesFirst is { } second ? Text(second) : "never",
    ];

    private static IReadOnlyList<string> SameSettingRow(Comparison comparison, PairSummary pair) =>
        [pair.First.Setting.LearningRateText, Text(pair.First.Setting.BatchSize), .. PairRow(comparison, pair)];

    private static string Value(Comparison comparison, double? value, bool signed = false)
    {
        if (value is not { } number) return "–";
        var sign = signed && number > 0 ? "+" : "";
        return sign + (comparison.Metric == ExperimentMetric.Accuracy ? HtmlReport.Percent(number) : Nll(number));
    }

    private static string Ends(Comparison comparison, Interval? interval) =>
        interval is { } ends ? $"{Value(comparison, ends.Low)} to {Value(comparison, ends.High)}" : "–";

    private static string Nll(double? value) => value is { } number ? number.ToString("F4", CultureInfo.InvariantCulture) : "–";

    private static string PValue(double? value) =>
        value is not { } p ? "–" : p < 0.001 ? "< 0.001" : p.ToString("F3", CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
