using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Training.Planning;

/// <summary>
/// Chooses micro-batch tokens, recompute level and loss chunk: of what fits the device the fastest by
/// <see cref="StepCost"/>, which knows no better than to a percent; of the choices within a percent of it the one that
/// takes the least memory. A sixteenth of the device is left free where that costs no more than two percent of the time:
/// what other programs and the driver take is known before the run alone.
/// </summary>
public sealed class MemoryPlanner
{
    /// <summary>Tokens of a pass are multiples of it, so that products have whole tiles; but for passes that one row or one step fills.</summary>
    private const int TokenMultiple = 256;

    /// <summary>Rows of the smallest tile of a product.</summary>
    private const int SmallTokenMultiple = 16;

    /// <summary>Longer passes are chosen for longer rows alone: accumulating gradients once for so many tokens is below 2 % of their time.</summary>
    private const int LargestChosenTokens = 16384;

    private const double EqualTime = 1.01;

    private const double HeadroomShare = 1.0 / 16;
    private const double HeadroomTime = 1.02;

    private static readonly int[] LossChunks = [4096, 2048, 1024, 512];

    private readonly PlanRequest request;
    private readonly DeviceMemory device;
    private readonly StepCost cost;
    private readonly int[] tokenCounts;
    private readonly RecomputeLevel[] levels;
    private readonly int[] chunks;
    private readonly Dictionary<PassChoice, MemoryPlan> plans = [];

    /// <summary>Prepares the search.</summary>
    /// <param name="request">What is to be planned.</param>
    /// <param name="device">For what.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a row does not fit the micro-batch that was asked for.</exception>
    public MemoryPlanner(PlanRequest request, DeviceMemory device)
    {
        (this.request, this.device) = (request, device);
        tokenCounts = TokenCounts(request);
        levels = request.Recompute is { } level ? [level] : Enum.GetValues<RecomputeLevel>();
        chunks = request.LossChunkRows is { } rows ? [rows] : LossChunks;
        cost = new StepCost(request.Configuration, request.Workload, request.Precision);
    }

    /// <summary>The fastest choice that fits; where none does, the one that takes the least memory.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a GPU does not take the model's shapes.</exception>
    public MemoryPlan Plan()
    {
        var fitting = Timed(device.TotalBytes);
        if (fitting.Count == 0) return levels.Select(level => Count(new PassChoice(tokenCounts[0], level, chunks.Min()))).MinBy(plan => plan.TotalBytes)!;
        var fastest = fitting.Min(candidate => candidate.Seconds);
        var roomy = Timed((long)(device.TotalBytes * (1 - HeadroomShare)));
        return roomy.Count > 0 && roomy.Min(candidate => candidate.Seconds) is var fastestRoomy && fastestRoomy <= fastest * HeadroomTime
            ? LeastMemory(roomy, fastestRoomy * EqualTime)
            : LeastMemory(fitting, fastest * EqualTime);
    }

    /// <summary>More tokens take more memory: of each level and chunk the smallest pass is the one to compare.</summary>
    private MemoryPlan LeastMemory(IEnumerable<(PassChoice Choice, double Seconds)> candidates, double limit) =>
        candidates.Where(candidate => candidate.Seconds <= limit)
            .GroupBy(candidate => (candidate.Choice.Recompute, candidate.Choice.LossChunkRows))
            .Select(group => Count(group.MinBy(candidate => candidate.Choice.MicroBatchTokens).Choice))
            .MinBy(plan => plan.TotalBytes)!;

    private List<(PassChoice Choice, double Seconds)> Timed(long capacity) => [.. FindFitting(capacity).Select(choice => (choice, cost.Of(choice).Seconds))];

    private static int[] TokenCounts(PlanRequest request)
    {
        var workload = request.Workload;
        var longest = workload.LongestRow;
        if (request.MicroBatchTokens is { } tokens)
        {
            MicroBatchPlanner.Require(longest, tokens);
            return [tokens];
        }

        var smallest = RoundUp(longest, SmallTokenMultiple);
        if (!workload.IsPacked) return [smallest];
        var largest = (int)Math.Min(Math.Max(LargestChosenTokens, smallest), RoundUp(workload.LargestStepTokens, SmallTokenMultiple));
        var counts = new List<int> { smallest };
        for (var count = (smallest / TokenMultiple * TokenMultiple) + TokenMultiple; count < largest; count += TokenMultiple) counts.Add(count);
        if (largest > smallest) counts.Add(largest);
        return [.. counts];
    }

    private static int RoundUp(long count, int multiple) => (int)Math.Min((count + multiple - 1) / multiple * multiple, int.MaxValue / multiple * multiple);

    /// <summary>More tokens take more memory, and smaller chunks less: the largest number that fits is found by halves, from that of the larger chunk on.</summary>
    private IEnumerable<PassChoice> FindFitting(long capacity)
    {
        foreach (var level in levels)
        {
            var first = 0;
            foreach (var chunk in chunks.OrderDescending())
            {
                var end = tokenCounts.Length;
                while (first < end)
                {
                    var middle = (first + end) / 2;
                    if (Count(new PassChoice(tokenCounts[middle], level, chunk)).TotalBytes <= capacity) first = middle + 1;
                    else end = middle;
                }

                for (var i = 0; i < first; i++) yield return new PassChoice(tokenCounts[i], level, chunk);
            }
        }
    }

    private MemoryPlan Count(PassChoice choice)
    {
        if (!plans.TryGetValue(choice, out var plan))
            plans.Add(choice, plan = MemoryPlan.Count(request, choice, device) with { RecomputeTimeShare = cost.Of(choice).RecomputeShare });
        return plan;
    }
}
