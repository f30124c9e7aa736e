using System.Diagnostics;
using DftNative.Generation;

namespace DftNative.Bench;

/// <summary>The time between a sequence's tokens, which is that of a decoding step of all sequences beside it: the least of all steps.</summary>
internal sealed class StepClock : IGenerationObserver
{
    private long lastTicks;
    private TimeSpan lastProcessorTime;
    private bool isRunning;

    /// <summary>Seconds of the fastest step by the wall's clock.</summary>
    public double BestSeconds { get; private set; } = double.PositiveInfinity;

    /// <summary>Processor seconds of the cheapest step, of all threads together.</summary>
    public double BestProcessorSeconds { get; private set; } = double.PositiveInfinity;

    /// <inheritdoc/>
    public void OnToken(int index, int token, string text)
    {
        if (index != 0) return;
        var (ticks, processorTime) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        if (isRunning)
        {
            BestSeconds = Math.Min(BestSeconds, Stopwatch.GetElapsedTime(lastTicks, ticks).TotalSeconds);
            BestProcessorSeconds = Math.Min(BestProcessorSeconds, (processorTime - lastProcessorTime).TotalSeconds);
        }

        (lastTicks, lastProcessorTime, isRunning) = (ticks, processorTime, true);
    }

    /// <inheritdoc/>
    public void OnFinished(int index, GeneratedSequence sequence)
    {
        if (index == 0) isRunning = false;
    }
}
