using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Bench.Kernels;

/// <summary>
/// Times work by CUDA events: warm-up, the caches flushed before each run, the median of many. The flush keeps the device
/// busy while the run is queued, so the host's time is no part of it.
/// </summary>
internal sealed class KernelTimer : IDisposable
{
    private const int WarmUps = 3, FewestRuns = 11, MostRuns = 101;
    private const double SecondsPerCase = 0.25;

    private readonly CudaBackend backend;
    private readonly MemoryKernels memory;
    private readonly CudaEvent start, end;

    /// <summary>A timer of a real device.</summary>
    /// <exception cref="DftNativeException">The device is emulated: its time means nothing.</exception>
    public KernelTimer(CudaBackend backend, MemoryKernels memory)
    {
        if (backend.IsEmulated) throw new DftNativeException(ExitCode.Usage, $"{backend.Description} is not timed; use --verify");
        (this.backend, this.memory) = (backend, memory);
        (start, end) = (new CudaEvent(backend.Context), new CudaEvent(backend.Context));
    }

    /// <summary>The median milliseconds of a run.</summary>
    /// <param name="run">Queues the work.</param>
    /// <param name="restore">Queues what makes its operands fit for another run; not timed.</param>
    public double MedianMilliseconds(Action run, Action restore)
    {
        for (var i = 0; i < WarmUps; i++) Time(run, restore);
        var first = Time(run, restore);
        var runs = Math.Clamp((int)(SecondsPerCase * 1000 / Math.Max(first, 1e-3)), FewestRuns, MostRuns);
        var times = new double[runs];
        for (var i = 0; i < runs; i++) times[i] = Time(run, restore);
        Array.Sort(times);
        return times[runs / 2];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        end.Dispose();
        start.Dispose();
    }

    private double Time(Action run, Action restore)
    {
        restore();
        memory.FlushCaches();
        start.Record(backend.Stream);
        run();
        end.Record(backend.Stream);
        end.Synchronize();
        return end.ElapsedMillisecondsSince(start);
    }
}
