using System.Globalization;
using DftNative.Evaluation.Benchmarks;
using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>Numbers of a comparison as people read them, in reports and on terminals.</summary>
internal static class ComparisonText
{
    private const string Nothing = "–";

    /// <summary>A value of the metric, or a difference of two.</summary>
    public static string Value(ExperimentMetric metric, double? value) => metric == ExperimentMetric.Accuracy ? HtmlReport.Percent(value) : Nll(value);

    /// <summary>The same with its sign.</summary>
    public static string Difference(ExperimentMetric metric, double? value) => (value > 0 ? "+" : "") + Value(metric, value);

    /// <summary>An interval of the metric.</summary>
    public static string Ends(ExperimentMetric metric, Estimate? interval) =>
        interval is { } ends ? $"{Value(metric, ends.Low)} to {Value(metric, ends.High)}" : Nothing;

    /// <summary>A column for each of several benchmarks, and their mean.</summary>
    public static IEnumerable<string> BenchmarkColumns(Comparison comparison) => [.. comparison.Benchmarks.Select(benchmark => benchmark.Name), "mean"];

    /// <summary>A setting's share of right answers in each of <see cref="BenchmarkColumns"/>.</summary>
    public static IEnumerable<string> BenchmarkValues(Comparison comparison, SettingSummary setting) =>
    [
        .. setting.Benchmarks.Count == 0 ? comparison.Benchmarks.Select(_ => Nothing) : setting.Benchmarks.Select(benchmark => Value(ExperimentMetric.Accuracy, benchmark.Mean)),
        Value(ExperimentMetric.Accuracy, setting.Mean),
    ];

    /// <summary>An NLL per token.</summary>
    public static string Nll(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? Nothing;

    /// <summary>A p-value; the smallest ones are estimates of which no more is known.</summary>
    public static string PValue(double? value) => value is not { } p ? Nothing : p < 0.001 ? "< 0.001" : p.ToString("F3", CultureInfo.InvariantCulture);
}
