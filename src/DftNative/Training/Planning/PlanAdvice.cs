using DftNative.Backends;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>
/// The cheapest change that makes a run fit its device. In the order of what they cost: give up a wish for recomputing,
/// then for the size of passes, which change nothing but time; then bits, which change the rounding; then shorter rows;
/// then another device.
/// </summary>
public static class PlanAdvice
{
    private const int LengthMultiple = 256;

    /// <summary>The change, as a sentence without its full stop.</summary>
    /// <param name="request">What does not fit.</param>
    /// <param name="device">The device.</param>
    public static string For(PlanRequest request, DeviceMemory device)
    {
        foreach (var (change, changed) in Changes(request))
        {
            var plan = new MemoryPlanner(changed, device).Plan();
            if (plan.Fits) return $"{change} makes it fit: {PlanText.Gibibytes(plan.TotalBytes)} with {PlanText.Describe(plan.Choice)}";
        }

        return ShorterRows(request, device) ?? ShorterRows(request with { Precision = Precision.Tiny }, device) ?? LargerDevice(request, device);
    }

    /// <summary>The error for a plan that does not fit.</summary>
    /// <param name="plan">The least that the run takes.</param>
    /// <param name="advice">What would make it fit.</param>
    public static DftNativeException DoesNotFit(MemoryPlan plan, string advice) => new(
        ExitCode.Device,
        $"the run does not fit the device: it takes at least {PlanText.Gibibytes(plan.TotalBytes)} ({PlanText.Describe(plan.Choice)}), "
        + $"{PlanText.Gibibytes(plan.TotalBytes - plan.DeviceBytes)} more than the {PlanText.Gibibytes(plan.DeviceBytes)} there are; {advice}");

    private static IEnumerable<(string Change, PlanRequest Changed)> Changes(PlanRequest request)
    {
        var free = request with { Recompute = null, MicroBatchTokens = null, LossChunkRows = null };
        if (request.Recompute is not null) yield return ("--recompute auto", request with { Recompute = null, LossChunkRows = null });
        if (request.MicroBatchTokens is not null) yield return ("--micro_batch_tokens auto", request with { MicroBatchTokens = null, LossChunkRows = null });
        if (request.Recompute is not null && request.MicroBatchTokens is not null) yield return ("--recompute auto --micro_batch_tokens auto", free);
        for (var precision = request.Precision + 1; precision <= Precision.Tiny; precision++)
        {
            yield return ($"--precision {precision.Name()}", request with { Precision = precision });
            if (request != free) yield return ($"--precision {precision.Name()} with recompute and micro_batch_tokens auto", free with { Precision = precision });
        }
    }

    private static string? ShorterRows(PlanRequest request, DeviceMemory device)
    {
        int first = 0, end = (request.Workload.LongestRow - 1) / LengthMultiple;
        MemoryPlan? best = null;
        while (first < end)
        {
            var middle = (first + end + 1) / 2;
            var plan = new MemoryPlanner(Shortened(request, middle * LengthMultiple), device).Plan();
            if (plan.Fits) (first, best) = (middle, plan);
            else end = middle - 1;
        }

        if (best is null) return null;
        var precision = request.Precision == Precision.Exact ? "" : $" --precision {request.Precision.Name()}";
        return $"--max_length {first * LengthMultiple}{precision} makes it fit: {PlanText.Gibibytes(best.TotalBytes)} with {PlanText.Describe(best.Choice)}";
    }

    private static PlanRequest Shortened(PlanRequest request, int maxLength) => request with
    {
        Workload = Workload.OfFullRows(maxLength, globalBatchSize: 1, packing: false),
        Recompute = null,
        MicroBatchTokens = null,
        LossChunkRows = null,
    };

    private static string LargerDevice(PlanRequest request, DeviceMemory device)
    {
        var free = request with { Recompute = null, MicroBatchTokens = null, LossChunkRows = null };
        var least = new MemoryPlanner(free, device).Plan();
        var tiny = new MemoryPlanner(free with { Precision = Precision.Tiny }, device).Plan();
        var orTiny = request.Precision == Precision.Tiny ? "" : $" or, with --precision tiny, {PlanText.Gibibytes(tiny.TotalBytes)}";
        return $"take a smaller model or a GPU of {PlanText.Gibibytes(least.TotalBytes)}{orTiny}";
    }
}
