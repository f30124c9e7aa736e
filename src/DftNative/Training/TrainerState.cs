using System.Text;
using System.Text.Json;
using DftNative.Backends;

namespace DftNative.Training;

/// <summary>Where a run stands beyond its weights and moments: trainer_state.json of a checkpoint.</summary>
internal sealed record TrainerState
{
    /// <summary>Optimizer steps done, skipped ones included.</summary>
    public int Step { get; init; }

    /// <summary>Updates of the optimizer: steps that were not skipped and had a target.</summary>
    public int UpdateCount { get; init; }

    /// <summary>Steps skipped since the last one that was not.</summary>
    public int SkippedInARow { get; init; }

    /// <summary>Steps skipped since step 1.</summary>
    public int SkippedCount { get; init; }

    /// <summary>Tokens since step 1.</summary>
    public long TokenCount { get; init; }

    /// <summary>The step of the best evaluation; 0: none yet.</summary>
    public int BestStep { get; init; }

    /// <summary>Its score (see <see cref="EvaluationMetrics.Score"/>).</summary>
    public double BestScore { get; init; } = double.NegativeInfinity;

    /// <summary>Whether the step's evaluation by sampled answers was cut short, and is still to be done.</summary>
    public bool AreAnswersDue { get; init; }

    /// <summary>Of the training rows, see <see cref="CheckedRows.ComputeFingerprint"/>.</summary>
    public required string RowsFingerprint { get; init; }

    /// <summary>Of the frozen reference model, see <see cref="FrozenReference.Fingerprint"/>; null: the loss has none.</summary>
    public string? ReferenceFingerprint { get; init; }

    /// <summary>What the device computed with.</summary>
    public required DataType ComputeType { get; init; }

    /// <summary>The resolved options that decide the mathematics or were chosen by the run, by name.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>How the device computed matrix products, see <see cref="IBackend.ExportPlans"/>: JSON, or null.</summary>
    public string? MatrixProductPlans { get; init; }

    /// <summary>As JSON; an infinite score is left out.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("global_step", Step);
            json.WriteNumber("updates", UpdateCount);
            json.WriteNumber("skipped_in_a_row", SkippedInARow);
            json.WriteNumber("skipped_steps", SkippedCount);
            json.WriteNumber("tokens_total", TokenCount);
            if (BestStep > 0)
            {
                json.WriteNumber("best_step", BestStep);
                json.WriteNumber("best_score", BestScore);
            }

            if (AreAnswersDue) json.WriteBoolean("answers_due", true);
            json.WriteString("rows_sha256", RowsFingerprint);
            if (ReferenceFingerprint is not null) json.WriteString("reference_xxh64", ReferenceFingerprint);
            json.WriteString("compute_type", ComputeType.Name());
            json.WriteStartObject("options");
            foreach (var (name, value) in Options) json.WriteString(name, value);
            json.WriteEndObject();
            if (MatrixProductPlans is { } plans)
            {
                json.WritePropertyName("gemm_plans");
                json.WriteRawValue(plans);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="text">JSON.</param>
    /// <param name="source">The checkpoint, for errors.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is not such a state.</exception>
    public static TrainerState FromJson(string text, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var hasBest = root.TryGetProperty("best_step", out var bestStep);
            return new TrainerState
            {
                Step = root.GetProperty("global_step").GetInt32(),
                UpdateCount = root.GetProperty("updates").GetInt32(),
                SkippedInARow = root.GetProperty("skipped_in_a_row").GetInt32(),
                SkippedCount = root.TryGetProperty("skipped_steps", out var skipped) ? skipped.GetInt32() : 0,
                TokenCount = root.GetProperty("tokens_total").GetInt64(),
                BestStep = hasBest ? bestStep.GetInt32() : 0,
                BestScore = hasBest ? root.GetProperty("best_score").GetDouble() : double.NegativeInfinity,
                AreAnswersDue = root.TryGetProperty("answers_due", out var answersDue) && answersDue.GetBoolean(),
                RowsFingerprint = root.GetProperty("rows_sha256").GetString()!,
                ReferenceFingerprint = root.TryGetProperty("reference_xxh64", out var reference) ? reference.GetString() : null,
                ComputeType = root.TryGetProperty("compute_type", out var type) && type.ValueEquals(DataType.BFloat16.Name()) ? DataType.BFloat16 : DataType.Float32,
                Options = root.GetProperty("options").EnumerateObject().ToDictionary(
                    option => option.Name, option => option.Value.GetString()!, StringComparer.Ordinal),
                MatrixProductPlans = root.TryGetProperty("gemm_plans", out var plans) ? plans.GetRawText() : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DftNativeException(
                ExitCode.InvalidInput, $"{source}: trainer_state.json is not this trainer's: {exception.Message}; resume from another checkpoint", exception);
        }
    }
}
