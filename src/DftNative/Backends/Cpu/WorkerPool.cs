using System.Runtime.CompilerServices;

namespace DftNative.Backends.Cpu;

/// <summary>
/// A fixed set of threads that run the tiles of one job at a time, the calling thread among them. Starting a job
/// allocates nothing. Idle workers spin for some microseconds, since the next operation usually follows at once, then sleep.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private const int SpinsBeforeSleep = 2000;

    private readonly Thread[] threads;
    private readonly object gate = new();
    private void* job;
    private delegate*<void*, int, int, void> invoke;
    private int tileCount;
    private int nextTile;
    private int activeWorkers;
    private int generation;
    private bool open;
    private bool stopping;
    private Exception? failure;

    public WorkerPool(int workerCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerCount, 1);
        WorkerCount = workerCount;
        threads = new Thread[workerCount - 1];
        for (var i = 0; i < threads.Length; i++)
        {
            var worker = i + 1;
            threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"CPU backend {worker}" };
            threads[i].Start();
        }
    }

    /// <summary>Threads that run tiles, the caller included.</summary>
    public int WorkerCount { get; }

    /// <summary>Runs every tile of <paramref name="tiles"/> and returns when all are done.</summary>
    public void Run<TJob>(ref readonly TJob tiles, int count) where TJob : struct, ITileJob
    {
        // The job lives in the caller's frame, which outlasts the run, so its address is stable.
        var address = Unsafe.AsPointer(ref Unsafe.AsRef(in tiles));
        if (count <= 1 || threads.Length == 0)
        {
            for (var tile = 0; tile < count; tile++) Invoke<TJob>(address, tile, 0);
            return;
        }

        lock (gate)
        {
            job = address;
            invoke = &Invoke<TJob>;
            (tileCount, nextTile, open) = (count, 0, true);
            Volatile.Write(ref generation, generation + 1);
            Monitor.PulseAll(gate);
        }

        RunTiles(0);
        lock (gate) open = false;
        var spinner = default(SpinWait);
        while (Volatile.Read(ref activeWorkers) != 0) spinner.SpinOnce(sleep1Threshold: -1);
        if (failure is { } exception)
        {
            failure = null;
            throw new InvalidOperationException("A tile of a CPU operation failed.", exception);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }

        foreach (var thread in threads) thread.Join();
    }

    private static void Invoke<TJob>(void* job, int tile, int worker) where TJob : struct, ITileJob =>
        Unsafe.AsRef<TJob>(job).Execute(tile, worker);

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            for (var spin = 0; spin < SpinsBeforeSleep && Volatile.Read(ref generation) == seen && !Volatile.Read(ref stopping); spin++)
                Thread.SpinWait(10);
            lock (gate)
            {
                while (generation == seen && !stopping) Monitor.Wait(gate);
                if (stopping) return;
                seen = generation;
                if (!open) continue;
                activeWorkers++;
            }

            RunTiles(worker);
            Interlocked.Decrement(ref activeWorkers);
        }
    }

    private void RunTiles(int worker)
    {
        try
        {
            int tile;
            while ((tile = Interlocked.Increment(ref nextTile) - 1) < tileCount) invoke(job, tile, worker);
        }
        catch (Exception exception)
        {
            failure = exception;
            Volatile.Write(ref nextTile, tileCount);
        }
    }
}
