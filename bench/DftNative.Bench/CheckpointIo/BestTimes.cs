using System.Globalization;

namespace DftNative.Bench.CheckpointIo;

/// <summary>The shortest time of each thing that is done in several turns, and the most memory that one took.</summary>
internal sealed class BestTimes
{
    private readonly List<string> names = [];
    private readonly Dictionary<string, Best> bests = new(StringComparer.Ordinal);

    /// <summary>Does and times what this process does itself: also the processors' time, which a busy disk does not change, and the memory that it took.</summary>
    public void Measure(string name, Action action)
    {
        using var memory = new PeakMemory();
        var before = Environment.CpuUsage.TotalTime;
        var seconds = Disk.Time(action);
        Add(name, seconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds, memory.GrowthInBytes);
    }

    /// <summary>Takes the time of one turn.</summary>
    public void Add(string name, double seconds, double? processorSeconds = null, long memoryInBytes = 0)
    {
        if (!bests.TryGetValue(name, out var best))
        {
            names.Add(name);
            best = new Best(double.PositiveInfinity, null, 0);
        }

        var memory = Math.Max(best.MemoryInBytes, memoryInBytes);
        bests[name] = seconds < best.Seconds ? new Best(seconds, processorSeconds, memory) : best with { MemoryInBytes = memory };
    }

    /// <summary>Prints a row of each.</summary>
    /// <param name="sizeInBytes">What each of them moved.</param>
    public void Print(long sizeInBytes)
    {
        foreach (var name in names)
        {
            var best = bests[name];
            var own = best.ProcessorSeconds is { } processor ? string.Create(CultureInfo.InvariantCulture, $"   {processor,6:F2} s of processors   {best.MemoryInBytes >> 20,5} MiB") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-20} {best.Seconds,8:F2} s {sizeInBytes / best.Seconds / 1e9,8:F2} GB/s{own}"));
        }
    }

    private sealed record Best(double Seconds, double? ProcessorSeconds, long MemoryInBytes);
}
