using System.Text.Json;

namespace DftNative.Demo;

/// <summary><c>demo.json</c>: the numbers of a demo.</summary>
internal static class DemoJson
{
    private const string FormatProperty = "format";
    private const string FormatName = "dftnative-demo-1";

    /// <summary>The file's contents, UTF-8.</summary>
    public static byte[] Write(DemoResult result)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString(FormatProperty, FormatName);
            json.WriteString("device", result.Device);
            json.WriteNumber("parameters", result.ParameterCount);
            json.WriteNumber("elapsed_seconds", result.ElapsedSeconds);
            json.WriteNumber("dft_minus_sft", result.DftAdvantage);
            WriteSettings(json, result.Settings);
            json.WriteStartObject("models");
            foreach (var model in result.Models) WriteModel(json, model);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Whether a file's contents are a demo's.</summary>
    /// <exception cref="JsonException">They are not JSON.</exception>
    public static bool IsDemo(ReadOnlyMemory<byte> contents)
    {
        using var document = JsonDocument.Parse(contents);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty(FormatProperty, out var format)
            && format.ValueKind == JsonValueKind.String && format.ValueEquals(FormatName);
    }

    private static void WriteSettings(Utf8JsonWriter json, DemoSettings settings)
    {
        json.WriteStartObject("settings");
        json.WriteNumber("seed", settings.Seed);
        json.WriteNumber("steps", settings.StepCount);
        json.WriteNumber("batch_size", settings.BatchSize);
        json.WriteNumber("learning_rate", settings.LearningRate);
        json.WriteNumber("wrong_step_share", settings.WrongStepShare);
        json.WriteNumber("problems", settings.ProblemCount);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, DemoModelResult model)
    {
        json.WriteStartObject(model.Name);
        json.WriteNumber("accuracy", model.Accuracy);
        json.WriteNumber("standard_error", model.StandardError);
        json.WriteNumber("greedy_accuracy", model.GreedyAccuracy);
        json.WriteNumber("problems", model.ProblemCount);
        json.WriteNumber("correct", model.CorrectCount);
        json.WriteNumber("greedy_correct", model.GreedyCorrectCount);
        json.WriteNumber("nll", model.Solutions.NegativeLogLikelihood);
        json.WriteNumber("mean_token_probability", model.Solutions.MeanTokenProbability);
        json.WriteNumber("training_seconds", model.TrainingSeconds);
        json.WriteNumber("training_tokens", model.TrainingTokens);
        json.WriteNumber("tokens_per_second", model.TokensPerSecond);
        json.WriteStartArray("token_probability_histogram");
        foreach (var count in model.Solutions.Histogram) json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteStartArray("curve");
        foreach (var point in model.Curve) WritePoint(json, point);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePoint(Utf8JsonWriter json, DemoCurvePoint point)
    {
        json.WriteStartObject();
        json.WriteNumber("step", point.Step);
        json.WriteNumber("accuracy", point.Accuracy);
        json.WriteNumber("held_out_nll", point.HeldOutNll);
        WriteNumberOrNull(json, "training_nll", point.TrainingNll);
        WriteNumberOrNull(json, "training_loss", point.TrainingLoss);
        json.WriteEndObject();
    }

    private static void WriteNumberOrNull(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
