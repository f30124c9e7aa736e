using System.Text;
using System.Text.Json;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>A plan as a JSON object.</summary>
public static class PlanJson
{
    /// <summary>Writes the object, indented.</summary>
    /// <param name="model">The model's name or directory.</param>
    /// <param name="request">What was planned.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reasons">Why it was chosen, a sentence each.</param>
    /// <param name="advice">What would make it fit, where it does not.</param>
    public static string Format(string model, PlanRequest request, MemoryPlan plan, IEnumerable<string> reasons, string? advice)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WriteNumber("parameters", new ParameterLayout(request.Configuration).ParameterCount);
            writer.WriteNumber("max_length", request.Workload.LongestRow);
            writer.WriteString("precision", request.Precision.Name());
            writer.WriteNumber("micro_batch_tokens", plan.Choice.MicroBatchTokens);
            writer.WriteString("recompute", PlanText.Name(plan.Choice.Recompute));
            writer.WriteNumber("loss_chunk_rows", plan.Choice.LossChunkRows);
            writer.WriteNumber("recompute_time_share", Math.Round(plan.RecomputeTimeShare, 4));
            writer.WriteNumber("memory_bytes", plan.DeviceBytes);
            writer.WriteNumber("total_bytes", plan.TotalBytes);
            writer.WriteBoolean("fits", plan.Fits);
            writer.WriteStartObject("categories");
            foreach (var (name, bytes) in PlanText.Categories(plan)) writer.WriteNumber(name, bytes);
            writer.WriteEndObject();
            writer.WriteStartArray("why");
            foreach (var reason in reasons) writer.WriteStringValue(reason);
            writer.WriteEndArray();
            if (advice is not null) writer.WriteString("advice", advice);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
