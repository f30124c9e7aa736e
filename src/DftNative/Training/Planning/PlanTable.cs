using System.Globalization;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>A model's plans for the common cards in every precision, as a Markdown table.</summary>
public static class PlanTable
{
    /// <summary>The table's head.</summary>
    public static IReadOnlyList<string> Header { get; } =
    [
        $"| model | precision | {string.Join(" | ", GpuCard.All.Select(card => card.Name))} |",
        $"| --- | --- |{string.Concat(Enumerable.Repeat(" --- |", GpuCard.All.Count))}",
    ];

    /// <summary>A model's rows, one a precision.</summary>
    /// <param name="name">The model.</param>
    /// <param name="request">What is planned; its precision counts nothing.</param>
    public static IEnumerable<string> Rows(string name, PlanRequest request)
    {
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var cells = GpuCard.All.Select(card => Cell(new MemoryPlanner(request with { Precision = precision }, card.Memory).Plan()));
            yield return $"| {name} | `{precision.Name()}` | {string.Join(" | ", cells)} |";
        }
    }

    private static string Cell(MemoryPlan plan)
    {
        if (!plan.Fits) return $"{PlanText.Size(plan.TotalBytes - plan.DeviceBytes)} short";
        var share = plan.Choice.Recompute == RecomputeLevel.None ? "" : string.Create(CultureInfo.InvariantCulture, $" ({100 * plan.RecomputeTimeShare:F1} %)");
        return string.Create(CultureInfo.InvariantCulture, $"{plan.Choice.MicroBatchTokens} tokens, {PlanText.Name(plan.Choice.Recompute)}{share}, {PlanText.Size(plan.TotalBytes)}");
    }
}
