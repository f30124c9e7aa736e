using System.Globalization;
using System.Text;
using DftNative.Evaluation.Benchmarks;

namespace DftNative.Train.Progress;

/// <summary>An evaluation's results as text: percentages with their 95 % intervals, and what became of the samples.</summary>
internal static class EvaluationTable
{
    /// <summary>A row a benchmark, and the mean of several.</summary>
    public static string Format(IReadOnlyList<BenchmarkResult> results)
    {
        var rows = new List<IReadOnlyList<string>> { (string[])["", .. results[0].MetricNames] };
        foreach (var result in results) rows.Add([result.Name, .. result.Metrics.Select(Format)]);
        if (results.Count > 1) rows.Add(["mean", .. BenchmarkResult.Mean(results).Select(Format)]);
        var widths = Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows) text.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        foreach (var result in results) text.AppendLine(Describe(result));
        return text.ToString().TrimEnd();
    }

    private static string Format(Estimate estimate) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * estimate.Value:0.0} [{100 * estimate.Low:0.0}, {100 * estimate.High:0.0}]");

    private static string Describe(BenchmarkResult result)
    {
        var counts = Enum.GetValues<SampleVerdict>().ToDictionary(verdict => verdict, verdict => result.Scores.Sum(score => score.VerdictCounts[(int)verdict]));
        var samples = counts.Values.Sum();
        var asides = new List<string>();
        Add(result.FailedCount, "could not be put to the model and count as wrong");
        Add(result.SkippedRows, "rows without an answer left out");
        Add(result.Scores.Count(static score => score.UnparsedReference is not null), "references are no mathematics that can be read and are compared as text");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Name}: {result.Scores.Count} problems, {samples} samples: {counts[SampleVerdict.Right]} right, {counts[SampleVerdict.Wrong]} wrong, {counts[SampleVerdict.Unparsed]} unparsed, "
            + $"{counts[SampleVerdict.NoAnswer]} without an answer; {result.Scores.Sum(static score => score.CutOffCount)} cut off at the limit; {result.Scores.Sum(static score => score.TokenCount) / (double)Math.Max(1, samples):0} tokens each")
            + string.Concat(asides);

        void Add(int count, string what)
        {
            if (count > 0) asides.Add(FormattableString.Invariant($"; {count} {what}"));
        }
    }
}
