using DftNative.Backends;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>
/// The cheapest change that makes a run fit its device. In the order of what they cost: give up a wish for recomputing,
/// then for the size of passes, which change nothing but time; then evaluations by sampled answers; then bits, which
/// change the rounding; then shorter rows; then another device.
/// </summary>
public static class PlanAdvice
{
    private const int LengthMultiple = 256;

    /// <summary>The change, as a sentence without its full stop.</summary>
    /// <param name="request">What does not fit.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a GPU does not take the model's shapes.</exception>
    public static string For(PlanRequest request, DeviceMemory device)
    {
        foreach (var changed in Changes(request))
        {
            var plan = new MemoryPlanner(changed, device).Plan();
            if (plan.Fits) return Describe(request, changed, plan);
        }

        return ShorterRows(request, request.Precision, device) ?? ShorterRows(request, Precision.Tiny, device) ?? LargerDevice(request, device);
    }

    /// <summary>The error for a plan that does not fit.</summary>
    /// <param name="plan">The least that the run takes.</param>
    /// <param name="advice">What would make it fit.</param>
    public static DftNativeException DoesNotFit(MemoryPlan plan, string advice) => new(
        ExitCode.Device,
        $"the run does not fit the device: it takes at least {PlanText.Size(plan.TotalBytes)} ({PlanText.Describe(plan.Choice)}), "
        + $"{PlanText.Size(plan.TotalBytes - plan.DeviceBytes)} more than the {PlanText.Size(plan.DeviceBytes)} there are; {advice}");

    private static IEnumerable<PlanRequest> Changes(PlanRequest request)
    {
        if (request.Recompute is not null) yield return request with { Recompute = null };
        if (request.LossChunkRows is not null) yield return request with { LossChunkRows = null };
        if (request.MicroBatchTokens is not null) yield return request with { MicroBatchTokens = null };
        yield return Free(request);
        if (request.Generation is not null)
        {
            yield return request with { Generation = null };
            yield return Free(request) with { Generation = null };
        }

        for (var precision = request.Precision + 1; precision <= Precision.Tiny; precision++)
        {
            yield return request with { Precision = precision };
            yield return Free(request) with { Precision = precision };
        }
    }

    private static PlanRequest Free(PlanRequest request) => request with { Recompute = null, MicroBatchTokens = null, LossChunkRows = null };

    /// <summary>The options to give, each with its value: what was asked for and is to be something else.</summary>
    private static string Describe(PlanRequest request, PlanRequest changed, MemoryPlan plan, int? maxLength = null)
    {
        var options = new List<string>();
        var without = request.Generation is not null && changed.Generation is null;
        if (maxLength is { } length) options.Add($"--max_length {length}");
        if (changed.Precision != request.Precision) options.Add($"--precision {changed.Precision.Name()}");
        if (request.Recompute is { } level && level != plan.Choice.Recompute) options.Add($"--recompute {PlanText.Name(plan.Choice.Recompute)}");
        if (request.MicroBatchTokens is { } tokens && tokens != plan.Choice.MicroBatchTokens) options.Add($"--micro_batch_tokens {plan.Choice.MicroBatchTokens}");
        if (request.LossChunkRows is { } rows && rows != plan.Choice.LossChunkRows) options.Add($"--loss_chunk_rows {plan.Choice.LossChunkRows}");
        if (without) options.Insert(0, options.Count == 0 ? "leaving out eval_generate_steps and eval_generate_data" : "leaving out eval_generate_steps and eval_generate_data, with");
        return $"{string.Join(' ', options)} makes it fit: {PlanText.Size(plan.TotalBytes)} with {PlanText.Describe(plan.Choice)}";
    }

    private static string? ShorterRows(PlanRequest request, Precision precision, DeviceMemory device)
    {
        int first = 0, end = (request.Workload.LongestRow - 1) / LengthMultiple;
        (PlanRequest Changed, MemoryPlan Plan)? best = null;
        while (first < end)
        {
            var middle = (first + end + 1) / 2;
            var workload = Workload.OfFullRows(middle * LengthMultiple, globalBatchSize: 1, packing: false);
            var changed = Free(request) with { Precision = precision, Workload = workload };
            var plan = new MemoryPlanner(changed, device).Plan();
            if (plan.Fits) (first, best) = (middle, (changed, plan));
            else end = middle - 1;
        }

        return best is { } found ? Describe(request, found.Changed, found.Plan, first * LengthMultiple) : null;
    }

    private static string LargerDevice(PlanRequest request, DeviceMemory device)
    {
        var least = new MemoryPlanner(Free(request), device).Plan();
        if (request.Precision == Precision.Tiny) return $"take a smaller model or a GPU of {PlanText.Size(least.TotalBytes)}";
        var tiny = new MemoryPlanner(Free(request) with { Precision = Precision.Tiny }, device).Plan();
        return $"take a smaller model, or a GPU of {PlanText.Size(least.TotalBytes)}, or with --precision tiny of {PlanText.Size(tiny.TotalBytes)}";
    }
}
