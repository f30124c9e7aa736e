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
            Value(comparison, best.Mean), best.OverSeeds is { } ends ? $"{Value(comparison, ends.Low)} to {Value(comparison, ends.High)}" : "–",
            Value(comparison, pair?.Difference), PValue(pair?.SeedsPValue), PValue(pair?.ProblemsPValue),
        ];
    }

    private static string Value(Comparison comparison, double? value) =>
        value is not { } number ? "–"
        : comparison.Metric == ExperimentMetric.Accuracy ? (number * 100).ToString("F1", CultureInfo.InvariantCulture) + " %"
        : number.ToString("F4", CultureInfo.InvariantCulture);

    private static string PValue(double? value) => value is not { } p ? "–" : p < 0.001 ? "< 0.001" : p.ToString("F3", CultureInfo.InvariantCulture);
}
