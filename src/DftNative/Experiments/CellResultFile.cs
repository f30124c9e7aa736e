using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Experiments;

/// <summary><c>result.json</c> of a run: its result, and the settings that it was made with.</summary>
internal static class CellResultFile
{
    private const string FormatName = "dftnative-run-1";
    private const string BenchmarksName = "benchmarks";
    private const string UnaskedName = "problems_not_asked";

    /// <summary>Writes a result, wholly or not at all.</summary>
    public static void Write(string path, ExperimentCell cell, IReadOnlyDictionary<string, string> settings, CellResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", FormatName);
            json.WriteString("loss", cell.Setting.Loss.Name);
            json.WriteNumber("learning_rate", cell.Setting.LearningRate);
            json.WriteNumber("batch_size", cell.Setting.BatchSize);
            json.WriteNumber("seed", cell.Seed);
            json.WriteStartObject("settings");
            foreach (var (name, value) in settings) json.WriteString(name, value);
            json.WriteEndObject();
            if (result.Failure is { } failure) json.WriteString("failure", failure);
            else WriteResult(json, result);
            json.WriteEndObject();
        }

        AtomicFile.Write(path, buffer.ToArray());
    }

    /// <summary>Reads a result.</summary>
    /// <returns>The settings that it was made with, and the result.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is not such a file.</exception>
    public static (IReadOnlyDictionary<string, string> Settings, CellResult Result) Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.GetProperty("format").GetString() != FormatName) throw new FormatException($"its format is not {FormatName}");
            var settings = root.GetProperty("settings").EnumerateObject().ToDictionary(item => item.Name, item => item.Value.GetString()!, StringComparer.Ordinal);
            var result = root.TryGetProperty("failure", out var failure) ? new CellResult { Failure = failure.GetString() } : ReadResult(root);
            if (result.Benchmarks.Count > 0 && !ScoredBenchmark.Cover(result.Benchmarks, result.Scores.Count)) throw new FormatException($"{BenchmarksName} are of other problems than scores");
            return (settings, result);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: not the result of a run: {exception.Message}; remove it to run that again", exception);
        }
    }

    private static void WriteResult(Utf8JsonWriter json, CellResult result)
    {
        json.WriteNumber("steps", result.StepCount);
        if (result.Accuracy is { } accuracy) json.WriteNumber("accuracy", accuracy);
        if (result.GreedyAccuracy is { } greedy) json.WriteNumber("greedy_accuracy", greedy);
        json.WriteNumber("eval_nll", result.EvalNll);
        json.WriteNumber("mean_token_probability", result.MeanTokenProbability);
        json.WriteNumber("training_seconds", Math.Round(result.TrainingSeconds, 3));
        json.WriteNumber("training_tokens", result.TrainingTokens);
        json.WriteStartArray("curve");
        foreach (var point in result.Curve)
        {
            json.WriteStartObject();
            json.WriteNumber("step", point.Step);
            if (point.Accuracy is { } share) json.WriteNumber("accuracy", share);
            json.WriteNumber("eval_nll", point.EvalNll);
            if (point.TrainingNll is { } trainingNll) json.WriteNumber("training_nll", trainingNll);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("scores");
        json.WriteRawValue(JsonNumbers.Format(result.Scores));
        if (result.Benchmarks.Count > 0) WriteBenchmarks(json, result.Benchmarks);
        json.WriteStartArray(UnaskedName);
        foreach (var problem in result.Unasked) json.WriteStringValue(problem);
        json.WriteEndArray();
    }

    private static void WriteBenchmarks(Utf8JsonWriter json, IReadOnlyList<ScoredBenchmark> benchmarks)
    {
        json.WriteStartArray(BenchmarksName);
        foreach (var benchmark in benchmarks)
        {
            json.WriteStartObject();
            json.WriteString("name", benchmark.Name);
            json.WriteNumber("problems", benchmark.ProblemCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static CellResult ReadResult(JsonElement root) => new()
    {
        StepCount = root.GetProperty("steps").GetInt32(),
        GreedyAccuracy = ReadOptional(root, "greedy_accuracy"),
        EvalNll = root.GetProperty("eval_nll").GetDouble(),
        MeanTokenProbability = root.GetProperty("mean_token_probability").GetDouble(),
        TrainingSeconds = root.GetProperty("training_seconds").GetDouble(),
        TrainingTokens = root.GetProperty("training_tokens").GetInt64(),
        Scores = [.. root.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())],
        Benchmarks = root.TryGetProperty(BenchmarksName, out var benchmarks)
            ? [.. benchmarks.EnumerateArray().Select(benchmark => new ScoredBenchmark(benchmark.GetProperty("name").GetString()!, benchmark.GetProperty("problems").GetInt32()))]
            : [],
        Unasked = root.TryGetProperty(UnaskedName, out var unasked) ? [.. unasked.EnumerateArray().Select(problem => problem.GetString()!)] : [],
        Curve =
        [
            .. root.GetProperty("curve").EnumerateArray().Select(point => new ExperimentCurvePoint(
                point.GetProperty("step").GetInt32(), ReadOptional(point, "accuracy"), point.GetProperty("eval_nll").GetDouble(), ReadOptional(point, "training_nll"))),
        ],
    };

    private static double? ReadOptional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetDouble() : null;
}
