using System.Globalization;
using System.Text.Json;
using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments;

/// <summary><c>compare.json</c>: the numbers of a comparison, without times, so that the same runs always give the same file.</summary>
internal static class ComparisonJson
{
    private const string FormatName = "dftnative-compare-1";

    /// <summary>Beyond this many digits behind the point nothing was measured.</summary>
    private const int Digits = 6;

    /// <summary>The file's contents, UTF-8.</summary>
    public static byte[] Write(Comparison comparison)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", FormatName);
            json.WriteString("metric", NameOf(comparison.Metric));
            json.WriteString("curve_metric", NameOf(comparison.CurveMetric));
            json.WriteBoolean("complete", comparison.IsComplete);
            json.WriteNumber("runs", comparison.Experiment.CellCount);
            json.WriteNumber("finished", comparison.FinishedCount);
            json.WriteBoolean("seeds_share_problems", comparison.Experiment.SharesProblems);
            WriteBenchmarks(json, comparison.Benchmarks);
            json.WriteStartObject("subject");
            foreach (var (name, value) in comparison.Experiment.DescribeSubject()) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("losses");
            foreach (var loss in comparison.Experiment.Losses) WriteLoss(json, loss);
            json.WriteEndObject();
            WriteNumber(json, "untrained", comparison.Untrained);
            WriteFailures(json, comparison.Failures);
            json.WriteStartArray("problems_not_asked");
            foreach (var problem in comparison.Unasked) json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteStartArray("settings");
            foreach (var setting in comparison.Settings) WriteSetting(json, setting, comparison.BestSettings.Contains(setting));
            json.WriteEndArray();
            WritePairs(json, "pairs_at_same_setting", comparison.SameSettingPairs);
            WritePairs(json, "pairs_at_best_settings", comparison.BestSettingPairs);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Several benchmarks and their sizes.</summary>
    private static void WriteBenchmarks(Utf8JsonWriter json, IReadOnlyList<ScoredBenchmark> benchmarks)
    {
        if (benchmarks.Count == 0) return;
        json.WriteStartObject("benchmark_problems");
        foreach (var benchmark in benchmarks) json.WriteNumber(benchmark.Name, benchmark.ProblemCount);
        json.WriteEndObject();
    }

    private static string NameOf(ExperimentMetric metric) => metric == ExperimentMetric.Accuracy ? "accuracy" : "eval_nll";

    private static void WriteLoss(Utf8JsonWriter json, LossVariant loss)
    {
        json.WriteStartObject(loss.Name);
        foreach (var (name, value) in loss.Options) json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void WriteFailures(Utf8JsonWriter json, IReadOnlyList<(ExperimentCell Cell, string Reason)> failures)
    {
        json.WriteStartArray("failed");
        foreach (var (cell, reason) in failures)
        {
            json.WriteStartObject();
            json.WriteString("run", cell.Name);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteKey(Utf8JsonWriter json, ExperimentSetting setting)
    {
        json.WriteString("loss", setting.Loss.Name);
        json.WriteNumber("learning_rate", setting.LearningRate);
        json.WriteNumber("batch_size", setting.BatchSize);
    }

    private static void WriteSetting(Utf8JsonWriter json, SettingSummary setting, bool isBest)
    {
        json.WriteStartObject();
        WriteKey(json, setting.Setting);
        json.WriteBoolean("best_of_loss", isBest);
        json.WriteNumber("steps", setting.Runs.Count == 0 ? 0 : setting.Runs[0].Result.StepCount);
        WriteArray(json, "seeds", setting.Runs.Select(run => (double)run.Seed));
        WriteArray(json, "values", setting.Runs.Select(run => setting.ValueOf(run.Result)));
        WriteNumber(json, "mean", setting.Mean);
        WriteInterval(json, "interval_over_seeds", setting.OverSeeds);
        WriteInterval(json, "interval_over_problems", setting.OverProblems);
        WriteBenchmarks(json, setting.Benchmarks);
        WriteNumber(json, "greedy_accuracy", setting.GreedyAccuracy);
        WriteNumber(json, "eval_nll", setting.EvalNll);
        WriteNumber(json, "mean_token_probability", setting.MeanTokenProbability);
        json.WriteStartObject("curve");
        WriteArray(json, "step", setting.Curve.Select(point => (double)point.Step));
        WriteArray(json, "mean", setting.Curve.Select(point => point.Value));
        WriteArray(json, "low", setting.Curve.Select(point => point.Low));
        WriteArray(json, "high", setting.Curve.Select(point => point.High));
        WriteArray(json, "eval_nll", setting.Curve.Select(point => point.EvalNll));
        WriteArray(json, "training_nll", setting.Curve.Select(point => point.TrainingNll ?? double.NaN));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A setting's share of right answers on each of several benchmarks.</summary>
    private static void WriteBenchmarks(Utf8JsonWriter json, IReadOnlyList<BenchmarkSummary> benchmarks)
    {
        if (benchmarks.Count == 0) return;
        json.WriteStartObject("benchmarks");
        foreach (var benchmark in benchmarks)
        {
            json.WriteStartObject(benchmark.Name);
            WriteArray(json, "values", benchmark.Values);
            WriteNumber(json, "mean", benchmark.Mean);
            WriteInterval(json, "interval_over_problems", benchmark.OverProblems);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A pair's difference on each of several benchmarks.</summary>
    private static void WriteBenchmarks(Utf8JsonWriter json, IReadOnlyList<BenchmarkDifference> benchmarks)
    {
        if (benchmarks.Count == 0) return;
        json.WriteStartObject("benchmarks");
        foreach (var benchmark in benchmarks)
        {
            json.WriteStartObject(benchmark.Name);
            WriteNumber(json, "difference", benchmark.OverProblems.Value);
            WriteInterval(json, "interval_over_problems", benchmark.OverProblems);
            WriteSignificant(json, "p_over_problems", benchmark.PValue);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WritePairs(Utf8JsonWriter json, string name, IReadOnlyList<PairSummary> pairs)
    {
        json.WriteStartArray(name);
        foreach (var pair in pairs)
        {
            json.WriteStartObject();
            json.WriteStartObject("first");
            WriteKey(json, pair.First.Setting);
            json.WriteEndObject();
            json.WriteStartObject("second");
            WriteKey(json, pair.Second.Setting);
            json.WriteEndObject();
            WriteNumber(json, "difference", pair.Difference);
            WriteArray(json, "seed_differences", pair.SeedDifferences);
            WriteInterval(json, "interval_over_seeds", pair.OverSeeds);
            WriteSignificant(json, "p_over_seeds", pair.SeedsPValue);
            WriteInterval(json, "interval_over_problems", pair.OverProblems);
            WriteSignificant(json, "p_over_problems", pair.ProblemsPValue);
            WriteBenchmarks(json, pair.Benchmarks);
            WriteNumber(json, "steps_first_reaches_best_of_second", pair.FirstReachesSecond);
            WriteNumber(json, "steps_second_reaches_best_of_first", pair.SecondReachesFirst);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteInterval(Utf8JsonWriter json, string name, Estimate? interval)
    {
        if (interval is { } ends) WriteArray(json, name, [ends.Low, ends.High]);
        else json.WriteNull(name);
    }

    private static void WriteArray(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(JsonNumbers.Format(values.Select(value => Math.Round(value, Digits))));
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, Math.Round(number, Digits));
        else json.WriteNull(name);
    }

    /// <summary>A p-value, whose size is what matters.</summary>
    private static void WriteSignificant(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value?.ToString("G4", CultureInfo.InvariantCulture) ?? "null");
    }
}
