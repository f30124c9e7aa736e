using System.Globalization;
using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Training.Planning;

/// <summary>Why a plan is as it is.</summary>
public static class PlanReasons
{
    /// <summary>A sentence for each choice.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="plan">What was chosen.</param>
    /// <param name="device">The device.</param>
    public static IEnumerable<string> Of(PlanRequest request, MemoryPlan plan, DeviceMemory device)
    {
        var choice = plan.Choice;
        if (!plan.Fits)
        {
            yield return $"micro_batch_tokens {choice.MicroBatchTokens}, recompute {PlanText.Name(choice.Recompute)}, loss_chunk_rows {choice.LossChunkRows}: nothing fits; of what was left to choose these take the least memory";
            yield break;
        }

        yield return request.MicroBatchTokens is not null
            ? $"micro_batch_tokens {choice.MicroBatchTokens}: as asked for"
            : request.Workload.IsPacked
                ? $"micro_batch_tokens {choice.MicroBatchTokens}: of the passes that hold a row of {request.Workload.LongestRow} tokens and fit, the smallest within a percent of the fastest, or three percent where that leaves a sixteenth of the memory free"
                : $"micro_batch_tokens {choice.MicroBatchTokens}: without packing a pass is a row, and the longest has {request.Workload.LongestRow} tokens";
        yield return request.Recompute is not null
            ? $"recompute {PlanText.Name(choice.Recompute)}: as asked for; {Share(plan)}"
            : choice.Recompute == RecomputeLevel.None
                ? "recompute none: all activations fit and more would gain little"
                : $"recompute {PlanText.Name(choice.Recompute)}: {Share(plan)}; {Lighter(request, choice, device)}";
        yield return $"loss_chunk_rows {choice.LossChunkRows}: their logits take {PlanText.Size(plan.BytesOf(MemoryCategory.LossHead))}";
        if (request.Generation is { } demand)
        {
            var generation = demand.Plan(request.Configuration, DataType.BFloat16, choice.MicroBatchTokens);
            yield return $"eval_generate: {generation.Slots} of {demand.SequenceCount} answers at once, each with its prompt of up to {generation.Capacity} tokens; their keys and values take {PlanText.Size(plan.BytesOf(MemoryCategory.KeyValueCache))}";
        }
    }

    private static string Share(MemoryPlan plan) =>
        string.Create(CultureInfo.InvariantCulture, $"computing again is expected to take {100 * plan.RecomputeTimeShare:F1} % of a step");

    private static string Lighter(PlanRequest request, PassChoice choice, DeviceMemory device)
    {
        var lighter = choice.Recompute - 1;
        var plan = MemoryPlan.Count(request, choice with { Recompute = lighter }, device);
        return plan.Fits
            ? $"{PlanText.Name(lighter)} would take {PlanText.Size(plan.TotalBytes)} and be hardly faster"
            : $"{PlanText.Name(lighter)} would take {PlanText.Size(plan.TotalBytes)}";
    }
}
