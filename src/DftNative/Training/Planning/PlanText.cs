using System.Globalization;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Training.Planning;

/// <summary>A plan in words.</summary>
public static class PlanText
{
    private static readonly (MemoryCategory Category, string Name)[] Names =
    [
        (MemoryCategory.Weights, "weights"),
        (MemoryCategory.Master, "master"),
        (MemoryCategory.Gradients, "gradients"),
        (MemoryCategory.OptimizerState, "optimizer_state"),
        (MemoryCategory.Activations, "activations"),
        (MemoryCategory.LossHead, "loss_head"),
        (MemoryCategory.KeyValueCache, "kv_cache"),
        (MemoryCategory.Workspace, "workspace"),
        (MemoryCategory.Driver, "driver"),
    ];

    /// <summary>The categories of a plan by the names that users see, in their order; a cache only where answers are sampled.</summary>
    public static IEnumerable<(string Name, long Bytes)> Categories(MemoryPlan plan) => Names
        .Select(entry => (entry.Category, entry.Name, Bytes: plan.BytesOf(entry.Category)))
        .Where(static entry => entry.Category != MemoryCategory.KeyValueCache || entry.Bytes > 0)
        .Select(static entry => (entry.Name, entry.Bytes));

    /// <summary>Bytes as GiB, or as MiB where they are less than one.</summary>
    public static string Size(long bytes) => bytes >= 1 << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):F1} MiB");

    /// <summary>The least number of bytes, not less than these, that <see cref="Size"/> writes exactly.</summary>
    public static long RoundUp(long bytes)
    {
        var unit = bytes >= 1 << 30 ? 1 << 30 : 1 << 20;
        return (long)Math.Ceiling(Math.Ceiling(10.0 * bytes / unit) / 10 * unit);
    }

    /// <summary>A level's name in options and messages.</summary>
    public static string Name(RecomputeLevel level) => level switch
    {
        RecomputeLevel.None => "none",
        RecomputeLevel.Norms => "norms",
        RecomputeLevel.FeedForward => "ffn",
        _ => "block",
    };

    /// <summary>A choice as option names and values.</summary>
    public static string Describe(PassChoice choice) => string.Create(
        CultureInfo.InvariantCulture, $"micro_batch_tokens {choice.MicroBatchTokens}, recompute {Name(choice.Recompute)}, loss_chunk_rows {choice.LossChunkRows}");

    /// <summary>A plan in a line: the total, the choices, and the categories.</summary>
    public static string Summarize(MemoryPlan plan)
    {
        var categories = Categories(plan).Where(category => category.Bytes > 0)
            .Select(category => string.Create(CultureInfo.InvariantCulture, $"{category.Name} {category.Bytes / (double)(1 << 20):N1}"));
        var share = plan.Choice.Recompute == RecomputeLevel.None ? "" : string.Create(CultureInfo.InvariantCulture, $" ({100 * plan.RecomputeTimeShare:F1} % of a step)");
        return $"memory: {Size(plan.TotalBytes)} of {Size(plan.DeviceBytes)} with {Describe(plan.Choice)}{share}; MiB: {string.Join(", ", categories)}";
    }
}
