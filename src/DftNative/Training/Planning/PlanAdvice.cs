using DftNative.Backends;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>
/// The cheapest change that makes a run fit its device. In the order of what they cost: give up a wish for recomputing,
/// then for the size of passes, which change nothing but time, as does tuning; then evaluations by sampled answers; then
/// bits, which change the rounding; then shorter rows; then another device. A dearer change goes with all cheaper ones
/// where it does not help by itself.
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
        foreach (var changed in WithFewerBits(request).SelectMany(WithFewerExtras).SelectMany(WithFewerWishes).Distinct().Skip(1))
        {
            var plan = new MemoryPlanner(changed, device).Plan();
            if (plan.Fits) return Describe(request, changed, plan);
        }

        return WithFewerBits(request).SelectMany(WithFewerExtras).Distinct().Select(changed => ShorterRows(request, changed, device)).FirstOrDefault(advice => advice is not null)
            ?? LargerDevice(request, device);
    }

    /// <summary>The error for a plan that does not fit.</summary>
    /// <param name="plan">The least that the run takes.</param>
    /// <param name="advice">What would make it fit.</param>
    public static DftNativeException DoesNotFit(MemoryPlan plan, string advice) => new(
        ExitCode.Device,
        $"the run does not fit the device: it takes at least {PlanText.Size(plan.TotalBytes)} ({PlanText.Describe(plan.Choice)}), "
        + $"{PlanText.Size(plan.TotalBytes - plan.DeviceBytes)} more than the {PlanText.Size(plan.DeviceBytes)} there are; {advice}");

    /// <summary>The request itself, and with every lower precision.</summary>
    private static IEnumerable<PlanRequest> WithFewerBits(PlanRequest request)
    {
        for (var precision = request.Precision; precision <= Precision.Tiny; precision++) yield return request with { Precision = precision };
    }

    /// <summary>The request itself, and without what is done beside training.</summary>
    private static IEnumerable<PlanRequest> WithFewerExtras(PlanRequest request) =>
        [request, request with { Tune = false }, request with { Generation = null }, request with { Tune = false, Generation = null }];

    /// <summary>The request itself, and without what was asked for of the passes.</summary>
    private static IEnumerable<PlanRequest> WithFewerWishes(PlanRequest request) =>
        [request, request with { Recompute = null }, request with { LossChunkRows = null }, request with { MicroBatchTokens = null }, Free(request)];

    private static PlanRequest Free(PlanRequest request) => request with { Recompute = null, MicroBatchTokens = null, LossChunkRows = null };

    /// <summary>The options to give, each with its value: what was asked for and is to be something else.</summary>
    private static string Describe(PlanRequest request, PlanRequest changed, MemoryPlan plan, int? maxLength = null)
    {
        var options = new List<string>();
        var without = request.Generation is not null && changed.Generation is null;
        if (maxLength is { } length) options.Add($"--max_length {length}");
        if (changed.Tune != request.Tune) options.Add("--tune false");
        if (changed.Precision != request.Precision) options.Add($"--precision {changed.Precision.Name()}");
        if (request.Recompute is { } level && level != plan.Choice.Recompute) options.Add($"--recompute {PlanText.Name(plan.Choice.Recompute)}");
        if (request.MicroBatchTokens is { } tokens && tokens != plan.Choice.MicroBatchTokens) options.Add($"--micro_batch_tokens {plan.Choice.MicroBatchTokens}");
        if (request.LossChunkRows is { } rows && rows != plan.Choice.LossChunkRows) options.Add($"--loss_chunk_rows {plan.Choice.LossChunkRows}");
        if (without) options.Insert(0, options.Count == 0 ? "leaving out eval_generate_steps and eval_generate_data" : "leaving out eval_generate_steps and eval_generate_data, with");
        return $"{string.Join(' ', options)} makes it fit: {PlanText.Size(plan.TotalBytes)} with {PlanText.Describe(plan.Choice)}";
    }

    private static string? ShorterRows(PlanRequest request, PlanRequest changed, DeviceMemory device)
    {
        int first = 0, end = (request.Workload.LongestRow - 1) / LengthMultiple;
        (PlanRequest Changed, MemoryPlan Plan)? best = null;
        while (first < end)
        {
            var middle = (first + end + 1) / 2;
            var shorter = Free(changed) with { Workload = Workload.OfFullRows(middle * LengthMultiple, globalBatchSize: 1, packing: false) };
            var plan = new MemoryPlanner(shorter, device).Plan();
            if (plan.Fits) (first, best) = (middle, (shorter, plan));
            else end = middle - 1;
        }

        return best is { } found ? Describe(request, found.Changed, found.Plan, first * LengthMultiple) : null;
    }

    private static string LargerDevice(PlanRequest request, DeviceMemory device)
    {
        var least = LeastDevice(Free(request), device);
        if (request.Precision == Precision.Tiny) return $"take a smaller model or a GPU of {least}";
        return $"take a smaller model, or a GPU of {least}, or with --precision tiny of {LeastDevice(Free(request) with { Precision = Precision.Tiny }, device)}";
    }

    /// <summary>A size that suffices as it is written; of a device that is not there, with what larger cards take for themselves.</summary>
    private static string LeastDevice(PlanRequest request, DeviceMemory device)
    {
        var bytes = PlanText.RoundUp(new MemoryPlanner(request, device).Plan().TotalBytes);
        if (!device.IsUsedMeasured) bytes = PlanText.RoundUp(new MemoryPlanner(request, GpuCard.OfSize(bytes / (double)(1 << 30))).Plan().TotalBytes);
        return PlanText.Size(bytes);
    }
}
