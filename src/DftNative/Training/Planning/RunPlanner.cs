using DftNative.Backends;
using DftNative.Data;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Training.Planning;

/// <summary>Makes a run's automatic choices: on a GPU by its memory and the run's rows, on a CPU by the rows alone.</summary>
internal static class RunPlanner
{
    /// <summary>Steps whose rows stand for all: their order is random.</summary>
    private const int SampleSteps = 4;

    /// <summary>Resolves what is automatic in the options.</summary>
    /// <param name="backend">The device, before the run has allocated anything.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="options">The run; its automatic choices are set.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="evaluationRows">Held-out rows.</param>
    /// <param name="generation">What is sampled between steps, or null.</param>
    /// <returns>The plan; null on a CPU.</returns>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: a row does not fit the passes that were asked for. <see cref="ExitCode.Device"/>: the run does not fit the device; says by
    /// how much, and what would make it fit.
    /// </exception>
    public static MemoryPlan? Resolve(
        IBackend backend, ModelConfiguration configuration, TrainingOptions options, IReadOnlyList<TrainingRow> rows, IReadOnlyList<TrainingRow> evaluationRows,
        GenerationDemand? generation = null)
    {
        if (backend.GetMemory() is not { } device)
        {
            options.MicroBatchTokens = MicroBatchPlanner.Choose(options.MicroBatchTokens, options.Packing, options.GlobalBatchSize, rows.Concat(evaluationRows));
            options.Recompute ??= RecomputeLevel.None;
            options.LossChunkRows ??= TransformerOptions.DefaultLossChunkRows;
            return null;
        }

        var plan = PlanOrThrow(PlanRequest.Of(configuration, WorkloadOf(options, rows, evaluationRows), options) with { Generation = generation }, device);
        options.MicroBatchTokens = plan.Choice.MicroBatchTokens;
        options.Recompute = plan.Choice.Recompute;
        options.LossChunkRows = plan.Choice.LossChunkRows;
        return plan;
    }

    /// <summary>Checks, before rows are read, that the device has room for the model with the shortest of rows.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="options">The run.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Device"/>: it has not.</exception>
    public static void RequireRoom(IBackend backend, ModelConfiguration configuration, TrainingOptions options)
    {
        if (backend.GetMemory() is not { } device) return;
        PlanOrThrow(PlanRequest.Of(configuration, Workload.OfFullRows(1, 1, packing: true), options), device);
    }

    private static MemoryPlan PlanOrThrow(PlanRequest request, DeviceMemory device)
    {
        var plan = new MemoryPlanner(request, device).Plan();
        return plan.Fits ? plan : throw PlanAdvice.DoesNotFit(plan, PlanAdvice.For(request, device));
    }

    private static Workload WorkloadOf(TrainingOptions options, IReadOnlyList<TrainingRow> rows, IReadOnlyList<TrainingRow> evaluationRows)
    {
        int[] lengths = [.. rows.Select(row => row.InputIds.Length)];
        var longest = evaluationRows.Select(row => row.InputIds.Length).Append(lengths.Max()).Max();
        var largestStep = lengths.OrderDescending().Take(options.GlobalBatchSize).Sum(length => (long)length);
        var order = new DataOrder(options.Seed, lengths.Length);
        int[] sample = [.. Enumerable.Range(0, Math.Min(lengths.Length, SampleSteps * options.GlobalBatchSize)).Select(position => lengths[order[0, position]])];
        return Workload.OfSteps([.. sample.Chunk(options.GlobalBatchSize)], longest, largestStep, options.Packing);
    }
}
