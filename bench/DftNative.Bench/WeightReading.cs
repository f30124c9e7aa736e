using System.Diagnostics;
using System.Numerics.Tensors;
using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Bench;

/// <summary>The floor of a decoding step: the model's own weights, read once, each thread its share from front to back.</summary>
/// <param name="weights">fp32, on the CPU backend.</param>
/// <param name="threads">Threads that read.</param>
internal sealed unsafe class WeightReading(Vector weights, int threads)
{
    private readonly CpuDeviceBuffer buffer = (CpuDeviceBuffer)weights.Buffer!;
    private readonly float[] sums = new float[threads];

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
        if (!float.IsFinite(sums.Sum())) throw new InvalidOperationException("The weights have no finite sum.");
    }

    private void Read(int thread)
    {
        var (first, end) = (weights.Length * thread / sums.Length, weights.Length * (thread + 1) / sums.Length);
        sums[thread] = TensorPrimitives.Sum(new ReadOnlySpan<float>((float*)buffer.Pointer + weights.Offset + first, (int)(end - first)));
    }
}
