using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>summary.json: an evaluation's results. Nothing in it depends on when it ran or how often it was interrupted.</summary>
public static class EvaluationSummary
{
    private static readonly JsonWriterOptions WriterOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file.</summary>
    /// <param name="path">The file; replaced.</param>
    /// <param name="settings">What decided the samples.</param>
    /// <param name="results">A result a benchmark.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, string> settings, IReadOnlyList<BenchmarkResult> results) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, WriterOptions);
        json.WriteStartObject();
        json.WriteStartObject("settings");
        foreach (var (name, value) in settings) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartObject("benchmarks");
        foreach (var result in results) WriteResult(json, result);
        json.WriteEndObject();
        if (results.Count > 1)
        {
            json.WriteStartObject("mean");
            WriteEstimates(json, results[0].MetricNames, BenchmarkResult.Mean(results));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        return 0;
    });

    private static void WriteResult(Utf8JsonWriter json, BenchmarkResult result)
    {
        json.WriteStartObject(result.Name);
        json.WriteNumber("problems", result.Scores.Count);
        json.WriteNumber("rows_left_out", result.SkippedRows);
        json.WriteNumber("samples", result.Scores.Sum(static score => score.VerdictCounts.Sum()));
        WriteEstimates(json, result.MetricNames, result.Metrics);
        json.WriteStartObject("verdicts");
        for (var verdict = 0; verdict < SampleVerdicts.All.Count; verdict++)
            json.WriteNumber(SampleVerdicts.All[verdict].Name, result.Scores.Sum(score => score.VerdictCounts[verdict]));
        json.WriteEndObject();
        json.WriteNumber("cut_off", result.Scores.Sum(static score => score.CutOffCount));
        json.WriteNumber("tokens", result.Scores.Sum(static score => score.TokenCount));
        json.WriteStartArray("unparsed");
        foreach (var score in result.Scores)
        {
            foreach (var sample in score.Unparsed)
            {
                json.WriteStartObject();
                json.WriteNumber("problem", score.Number);
                json.WriteNumber("sample", sample);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("unparsed_references");
        foreach (var score in result.Scores)
        {
            if (score.UnparsedReference is null) continue;
            json.WriteStartObject();
            json.WriteNumber("problem", score.Number);
            json.WriteString("answer", score.UnparsedReference);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("failed");
        foreach (var score in result.Scores)
        {
            if (score.Error is null) continue;
            json.WriteStartObject();
            json.WriteNumber("problem", score.Number);
            json.WriteString("error", score.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEstimates(Utf8JsonWriter json, IReadOnlyList<string> names, IReadOnlyList<Estimate> estimates)
    {
        for (var i = 0; i < names.Count; i++)
        {
            json.WriteStartObject(names[i]);
            json.WriteNumber("value", estimates[i].Value);
            json.WriteNumber("low", estimates[i].Low);
            json.WriteNumber("high", estimates[i].High);
            json.WriteEndObject();
        }
    }
}
