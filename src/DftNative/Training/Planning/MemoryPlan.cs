using DftNative.Backends;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>
/// The device memory of a run: what its constructors allocate, found by running the very same constructors on a device
/// that only counts, and what the driver takes besides.
/// </summary>
/// <param name="Choice">What was chosen.</param>
/// <param name="Allocations">Every allocation.</param>
/// <param name="DeviceBytes">The device's memory.</param>
public sealed record MemoryPlan(PassChoice Choice, IReadOnlyList<CountedAllocation> Allocations, long DeviceBytes)
{
    /// <summary>Bytes of all allocations.</summary>
    public long TotalBytes { get; } = Allocations.Sum(allocation => allocation.SizeInBytes);

    /// <summary>Whether the device has room for them.</summary>
    public bool Fits => TotalBytes <= DeviceBytes;

    /// <summary>The share of a step's time that computing again takes, by <see cref="StepCost"/>.</summary>
    public double RecomputeTimeShare { get; init; }

    /// <summary>Runs the constructors dry.</summary>
    /// <param name="request">Model, rows and precision.</param>
    /// <param name="choice">The passes.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a GPU does not take the model's shapes.</exception>
    internal static MemoryPlan Count(PlanRequest request, PassChoice choice, DeviceMemory device)
    {
        using var backend = new CountingBackend(device.MultiprocessorCount);
        var generation = request.Generation?.Plan(request.Configuration, backend.ComputeType, choice.MicroBatchTokens);
        var options = new TransformerOptions(choice.MicroBatchTokens)
        {
            MaxPositions = Math.Max(choice.MicroBatchTokens, generation?.Capacity ?? 0),
            Training = true,
            Recompute = choice.Recompute,
            LossChunkRows = choice.LossChunkRows,
            GradientType = request.Precision.StateType(),
        };
        using var transformer = new Transformer(backend, request.Configuration, options);
        using var optimizer = new AdamWOptimizer(backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0, request.Precision);
        using var generator = generation is null ? null : new SequenceGenerator(backend, transformer, generation.Slots, generation.Capacity);
        if (request.Tune) backend.Allocate(DataType.Float32, LargestAccumulated(options.ShapeOf(request.Configuration)), MemoryCategory.Workspace, "a gradient's place while tuning");
        return new MemoryPlan(choice, [.. OfDriver(device, backend.Allocations), .. backend.Allocations], device.TotalBytes);
    }

    /// <summary>The bytes of a category.</summary>
    public long BytesOf(MemoryCategory category) =>
        Allocations.Where(allocation => allocation.Category == category).Sum(allocation => allocation.SizeInBytes);

    /// <summary>Elements of the largest gradient that a matrix product is added to; to bf16 ones none is.</summary>
    private static long LargestAccumulated(in PassShape shape) =>
        shape.GradientType == DataType.Float32 ? shape.WeightShapes().Max(static weight => (long)weight.Rows * weight.Columns) : 0;

    private static IEnumerable<CountedAllocation> OfDriver(DeviceMemory device, IEnumerable<CountedAllocation> allocations)
    {
        yield return new CountedAllocation(MemoryCategory.Driver, device.IsUsedMeasured ? "in use before the run" : "context and cuBLASLt's workspace (estimate)", device.UsedBytes);
        yield return new CountedAllocation(MemoryCategory.Driver, "code of kernels and libraries (estimate)", device.LaterBytes);
        yield return new CountedAllocation(MemoryCategory.Driver, "whole pages", WholePages(device.PageSizeInBytes, allocations));
    }

    /// <summary>What allocations are rounded up by: large ones to whole pages each, small ones share theirs.</summary>
    private static long WholePages(long pageSize, IEnumerable<CountedAllocation> allocations)
    {
        long rounding = 0, small = 0;
        foreach (var (_, _, size) in allocations)
        {
            if (size >= pageSize / 2) rounding += RoundUp(size, pageSize) - size;
            else small += size;
        }

        return rounding + RoundUp(small, pageSize) - small;
    }

    private static long RoundUp(long size, long multiple) => (size + multiple - 1) / multiple * multiple;
}
