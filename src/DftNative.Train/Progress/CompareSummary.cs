using System.Globalization;
using DftNative.Experiments;

namespace DftNative.Train.Progress;

/// <summary>The end of a comparison: each loss at its best setting, and each against the first.</summary>
internal static class CompareSummary
{
    private static readonly string[] Columns = ["loss", "learning rate", "batch", "mean", "95 % over seeds", "less the first", "p over seeds", "p over problems"];

    /// <summary>Writes aligned text.</summary>
    public static void Write(Comparison comparison, string directory, TextWriter output)
    {
        output.WriteLine();
        TextTable.Write([Columns, .. comparison.BestSettings.Select(best => Row(comparison, best))], output);
        if (comparison.Benchmarks.Count > 0)
        {
            output.WriteLine();
            TextTable.Write([["loss", .. ComparisonText.BenchmarkColumns(comparison)], .. comparison.BestSettings.Select(best => BenchmarkRow(comparison, best))], output);
            output.WriteLine("The mean is that of the benchmarks, each weighing the same.");
        }

        output.WriteLine(comparison.Metric == ExperimentMetric.Accuracy
            ? "Mean share of right sampled answers of each loss at its best setting; every setting and the tests are in the report."
            : "Mean NLL of the held-out rows of each loss at its best setting, lower is better; every setting and the tests are in the report.");
        output.WriteLine($"report: {Path.Combine(directory, "report.html")}, numbers: {Path.Combine(directory, "compare.json")}");
    }

    private static string[] Row(Comparison comparison, SettingSummary best)
    {
        var pair = comparison.BestSettingPairs.FirstOrDefault(pair => pair.First == best && pair.Second == comparison.BestSettings[0]);
        return
        [
            best.Setting.Loss.Name, best.Setting.LearningRateText, best.Setting.BatchSize.ToString(CultureInfo.InvariantCulture),
            Plain(ComparisonText.Value(best.Metric, best.Mean)), Plain(ComparisonText.Ends(best.Metric, best.OverSeeds)),
            Plain(ComparisonText.Difference(best.Metric, pair?.Difference)), ComparisonText.PValue(pair?.SeedsPValue), ComparisonText.PValue(pair?.ProblemsPValue),
        ];
    }

    private static string[] BenchmarkRow(Comparison comparison, SettingSummary best) =>
        [best.Setting.Loss.Name, .. ComparisonText.BenchmarkValues(comparison, best).Select(Plain)];

    /// <summary>Without the spaces that only a page knows not to break.</summary>
    private static string Plain(string text) => text.Replace('\u00A0', ' ');
}
