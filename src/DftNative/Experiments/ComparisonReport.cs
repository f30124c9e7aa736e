using System.Globalization;
using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>The page that tells what a comparison found.</summary>
public static class ComparisonReport
{
    private static readonly string[] PairColumns =
        ["loss", "against", "difference", "over seeds", "p", "over problems", "p", "reaches it", "is reached"];

    private static readonly string[] DifferenceColumns = ["loss", "against", "benchmark", "difference", "over problems", "p"];

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
        AddUnasked(report, comparison);
        report.AddHeading("Each loss at its best setting")
            .AddParagraph("The best of a loss is the setting with the best mean on the very problems that it is reported on, which flatters a loss that was tried with more settings; the tables below have them all. " + DescribeIntervals(comparison) + DescribeUntrained(comparison))
            .AddTable(SettingColumns(comparison), comparison.BestSettings.Select(SettingRow));
        AddBenchmarks(report, comparison);
        report.AddCharts(charts.BestSettings(), charts.BestCurves())
            .AddTable(PairColumns, comparison.BestSettingPairs.Select(PairRow))
            .AddParagraph(DescribeTests(comparison));
        if (comparison.Benchmarks.Count > 0 && comparison.BestSettingPairs.Count > 0)
            report.AddFoldedTable("These differences on each benchmark", DifferenceColumns, comparison.BestSettingPairs.SelectMany(DifferenceRows));
        if (charts.LearningRates() is { Count: > 0 } learningRates) report.AddHeading("Learning rates and batch sizes").AddCharts([.. learningRates]);
        report.AddFoldedTable("Every setting", SettingColumns(comparison), comparison.Settings.Select(SettingRow));
        if (comparison.Benchmarks.Count > 0) report.AddFoldedTable("Every setting on each benchmark", BenchmarkColumns(comparison), comparison.Settings.Select(setting => BenchmarkRow(comparison, setting)));
        if (comparison.SameSettingPairs.Count > 0)
            report.AddFoldedTable("Every two losses at the same learning rate and batch size", ["learning rate", "batch", .. PairColumns], comparison.SameSettingPairs.Select(SameSettingRow));
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
        comparison.Untrained is { } untrained && comparison.CurveMetric == comparison.Metric ? $" Before training, at the curves' step 0: {ComparisonText.Value(comparison.Metric, untrained)}." : "";

    private static string DescribeIntervals(Comparison comparison) =>
        "Intervals are 95 %. Over seeds, by Student's t: how far the mean is from that of endlessly many seeds. "
        + (comparison.Metric != ExperimentMetric.Accuracy ? ""
            : "Over problems, " + (comparison.Experiment.SharesProblems ? $"by the bootstrap over problems{WithinBenchmarks(comparison)}, each one's answers averaged over seeds" : "by Wilson's formula, of every seed's own problems")
                + ": how far these very models' mean is from theirs on endlessly many problems of the kind; other seeds are not in it.");

    private static string WithinBenchmarks(Comparison comparison) => comparison.Benchmarks.Count == 0 ? "" : " within each benchmark";

    private static string DescribeTests(Comparison comparison) =>
        "Differences are the first loss less the second, paired by seed"
        + (comparison.Metric == ExperimentMetric.Accuracy ? " and problem. " : "; lower is better. ")
        + "Over seeds: Student's paired t, for whether the losses differ beyond these seeds; with few seeds it is wide. "
        + (comparison.Metric != ExperimentMetric.Accuracy ? ""
            : $"Over problems: the paired bootstrap{WithinBenchmarks(comparison)}, and the permutation test that swaps the two losses' scores of each problem "
                + (comparison.Experiment.SharesProblems ? "(averaged over seeds, which answer the same problems)" : "(exact for verdicts: McNemar's)")
                + ", for whether these very models differ beyond these problems. ")
        + "p-values are not corrected for their number. The last two columns are steps: at which the mean curve of the one is as good as the best point of the other's.";

    private static void AddFailures(HtmlReport report, Comparison comparison)
    {
        if (comparison.Failures.Count == 0) return;
        report.AddHeading("Failed runs").AddTable(["run", "why"], comparison.Failures.Select(failure => (IReadOnlyList<string>)[failure.Cell.ToString(), failure.Reason]));
    }

    private static void AddUnasked(HtmlReport report, Comparison comparison)
    {
        if (comparison.Unasked.Count == 0) return;
        report.AddHeading("Problems that were not asked")
            .AddParagraph($"{comparison.Unasked.Count} problems could not be put to the models. They count as wrong in every run.")
            .AddTable(["problem"], comparison.Unasked.Select(problem => (IReadOnlyList<string>)[problem]));
    }

    /// <summary>The paper's Table 1.</summary>
    private static void AddBenchmarks(HtmlReport report, Comparison comparison)
    {
        if (comparison.Benchmarks.Count == 0) return;
        var sizes = string.Join(", ", comparison.Benchmarks.Select(benchmark => $"{benchmark.Name} {benchmark.ProblemCount}"));
        report.AddParagraph($"Right answers on each benchmark, and their mean, in which each weighs the same whatever its number of problems ({sizes}).")
            .AddTable(BenchmarkColumns(comparison), comparison.BestSettings.Select(best => BenchmarkRow(comparison, best)));
    }

    private static string[] BenchmarkColumns(Comparison comparison) => ["loss", "learning rate", "batch", .. ComparisonText.BenchmarkColumns(comparison)];

    private static IReadOnlyList<string> BenchmarkRow(Comparison comparison, SettingSummary setting) =>
        [setting.Setting.Loss.Name, setting.Setting.LearningRateText, Text(setting.Setting.BatchSize), .. ComparisonText.BenchmarkValues(comparison, setting)];

    private static string[] SettingColumns(Comparison comparison) =>
    [
        "loss", "learning rate", "batch", "steps", "runs", comparison.Metric == ExperimentMetric.Accuracy ? "right answers" : "held-out NLL", "over seeds", "over problems", "greedy", "NLL",
    ];

    private static IReadOnlyList<string> SettingRow(SettingSummary setting) =>
    [
        setting.Setting.Loss.Name, setting.Setting.LearningRateText, Text(setting.Setting.BatchSize), setting.Runs.Count == 0 ? "–" : Text(setting.Runs[0].Result.StepCount),
        $"{setting.Runs.Count} of {setting.SeedCount}", ComparisonText.Value(setting.Metric, setting.Mean),
        ComparisonText.Ends(setting.Metric, setting.OverSeeds), ComparisonText.Ends(setting.Metric, setting.OverProblems),
        HtmlReport.Percent(setting.GreedyAccuracy), ComparisonText.Nll(setting.EvalNll),
    ];

    private static IReadOnlyList<string> PairRow(PairSummary pair) =>
    [
        pair.First.Setting.Loss.Name, pair.Second.Setting.Loss.Name, ComparisonText.Difference(pair.First.Metric, pair.Difference),
        ComparisonText.Ends(pair.First.Metric, pair.OverSeeds), ComparisonText.PValue(pair.SeedsPValue),
        ComparisonText.Ends(pair.First.Metric, pair.OverProblems), ComparisonText.PValue(pair.ProblemsPValue),
        pair.FirstReachesSecond is { } first ? Text(first) : "never", pair.SecondReachesFirst is { } second ? Text(second) : "never",
    ];

    private static IEnumerable<IReadOnlyList<string>> DifferenceRows(PairSummary pair) => pair.Benchmarks.Select(benchmark => (IReadOnlyList<string>)
    [
        pair.First.Setting.Loss.Name, pair.Second.Setting.Loss.Name, benchmark.Name, ComparisonText.Difference(ExperimentMetric.Accuracy, benchmark.OverProblems.Value),
        ComparisonText.Ends(ExperimentMetric.Accuracy, benchmark.OverProblems), ComparisonText.PValue(benchmark.PValue),
    ]);

    private static IReadOnlyList<string> SameSettingRow(PairSummary pair) =>
        [pair.First.Setting.LearningRateText, Text(pair.First.Setting.BatchSize), .. PairRow(pair)];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
