using System.Diagnostics;
using System.Numerics.Tensors;

namespace DftNative.Bench;

/// <summary>The floor of a decoding step: as many floats as a model has weights, read once on so many threads.</summary>
internal sealed class WeightReading
{
    private readonly float[] values;
    private readonly float[] sums;

    public WeightReading(long count, int threads)
    {
        (values, sums) = (new float[count], new float[threads]);

        // Pages that nothing was written to are all one page, which the caches hold.
        Array.Fill(values, 1f);
    }

    /// <summary>Seconds of the fastest reading by the wall's clock.</summary>
    public double BestSeconds { get; private set; } = double.PositiveInfinity;

    /// <summary>Processor seconds of the cheapest reading, of all threads together.</summary>
    public double BestProcessorSeconds { get; private set; } = double.PositiveInfinity;

    /// <summary>Reads once.</summary>
    public void Measure()
    {
        var (start, processorStart) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        if (sums.Length == 1) Read(0);
        else Parallel.For(0, sums.Length, Read);
        BestSeconds = Math.Min(BestSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        BestProcessorSeconds = Math.Min(BestProcessorSeconds, (Environment.CpuUsage.TotalTime - processorStart).TotalSeconds);
        if (!(sums[0] > 0)) throw new InvalidOperationException("Ones have no sum.");
    }

    private void Read(int thread)
    {
        var (first, end) = (values.LongLength * thread / sums.Length, values.LongLength * (thread + 1) / sums.Length);
        sums[thread] = TensorPrimitives.Sum<float>(values.AsSpan((int)first, (int)(end - first)));
    }
}
