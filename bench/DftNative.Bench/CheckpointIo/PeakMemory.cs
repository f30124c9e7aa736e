using System.Globalization;

namespace DftNative.Bench.CheckpointIo;

/// <summary>
/// The most anonymous memory that this process held at once while the object lives, looked at every few milliseconds:
/// Linux keeps a high-water mark of resident memory, but counts mapped files with it.
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly Thread thread;
    private readonly ManualResetEventSlim stop = new();
    private long peak;

    /// <summary>Begins to look.</summary>
    public PeakMemory()
    {
        BeforeInBytes = Read();
        peak = BeforeInBytes;
        thread = new Thread(Watch) { IsBackground = true, Name = "peak memory" };
        thread.Start();
    }

    /// <summary>Bytes when looking began.</summary>
    public long BeforeInBytes { get; }

    /// <summary>The most so far.</summary>
    public long PeakInBytes => Interlocked.Read(ref peak);

    /// <summary>What was held at most beyond the beginning.</summary>
    public long GrowthInBytes => PeakInBytes - BeforeInBytes;

    /// <summary>Stops to look.</summary>
    public void Dispose()
    {
        stop.Set();
        thread.Join();
        stop.Dispose();
    }

    private static long Read()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (!line.StartsWith("RssAnon:", StringComparison.Ordinal)) continue;
            return 1024 * long.Parse(line.AsSpan("RssAnon:".Length).Trim().TrimEnd("kB").Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        throw new PlatformNotSupportedException("anonymous memory is read from Linux's /proc/self/status");
    }

    private void Watch()
    {
        do Interlocked.Exchange(ref peak, Math.Max(peak, Read()));
        while (!stop.Wait(Interval));
    }
}
