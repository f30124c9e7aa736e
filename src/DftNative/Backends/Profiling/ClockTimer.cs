using System.Diagnostics;

namespace DftNative.Backends.Profiling;

/// <summary>By the host's clock: for operations that have run when they return.</summary>
public sealed class ClockTimer : OperationTimer
{
    private readonly long[] ticks = new long[OperationCount];
    private long start;

    /// <inheritdoc/>
    public override void Start() => start = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override void Stop(BackendOperation operation) => ticks[(int)operation] += Stopwatch.GetTimestamp() - start;

    /// <inheritdoc/>
    public override void Collect(Span<double> seconds)
    {
        for (var i = 0; i < ticks.Length; i++) seconds[i] = ticks[i] / (double)Stopwatch.Frequency;
        Array.Clear(ticks);
    }
}
