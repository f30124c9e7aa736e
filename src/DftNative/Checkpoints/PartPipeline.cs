using System.Runtime.ExceptionServices;

namespace DftNative.Checkpoints;

/// <summary>
/// Numbered parts of a large transfer: threads of its own make them ahead, the caller's takes them in order. As many
/// buffers as are given go round, so that the memory is theirs, however long the transfer.
/// </summary>
/// <typeparam name="T">A part's buffer.</typeparam>
internal sealed class PartPipeline<T>
{
    private readonly int count;
    private readonly T[] buffers;
    private readonly bool[] isMade;
    private readonly Action<int, T> make;
    private readonly object gate = new();
    private ExceptionDispatchInfo? failure;
    private int failedPart = int.MaxValue;
    private int nextToMake;
    private int nextToTake;
    private bool isStopped;

    private PartPipeline(int count, T[] buffers, Action<int, T> make)
    {
        (this.count, this.buffers, this.make) = (count, buffers, make);
        isMade = new bool[buffers.Length];
    }

    /// <summary>Makes and takes all parts, and returns when no thread works on them any more.</summary>
    /// <param name="count">The number of parts.</param>
    /// <param name="threads">How many threads make them.</param>
    /// <param name="buffers">More than <paramref name="threads"/>, so that a part can be taken while others are made.</param>
    /// <param name="make">Fills a buffer with the part of that number; on several threads at once where there are several, each part once, begun in order.</param>
    /// <param name="take">Called on this thread, in order.</param>
    /// <exception cref="Exception">What the first part that failed threw, after the parts before it were taken; or what <paramref name="take"/> threw.</exception>
    public static void Run(int count, int threads, T[] buffers, Action<int, T> make, Action<int, T> take)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(threads, buffers.Length);
        if (count == 1)
        {
            make(0, buffers[0]);
            take(0, buffers[0]);
            return;
        }

        new PartPipeline<T>(count, buffers, make).Run(Math.Min(threads, count), take);
    }

    private void Run(int threads, Action<int, T> take)
    {
        Thread[] makers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(MakeParts) { IsBackground = true, Name = "transfer" })];
        foreach (var maker in makers) maker.Start();
        try
        {
            for (var part = 0; part < count; part++)
            {
                WaitUntilMade(part);
                take(part, buffers[part % buffers.Length]);
                GiveBack(part);
            }
        }
        finally
        {
            Stop();
            foreach (var maker in makers) maker.Join();
        }
    }

    private void MakeParts()
    {
        while (TryBegin(out var part))
        {
            try
            {
                make(part, buffers[part % buffers.Length]);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the thread that takes: here it would end the process.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Fail(part, exception);
                return;
            }

            lock (gate)
            {
                isMade[part % buffers.Length] = true;
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>The next part that is to be made, once its buffer is free; false: there is none, or nobody wants it.</summary>
    private bool TryBegin(out int part)
    {
        lock (gate)
        {
            while (!isStopped && nextToMake < count && nextToMake >= nextToTake + buffers.Length) Monitor.Wait(gate);
            part = nextToMake;
            if (isStopped || nextToMake >= count) return false;
            nextToMake++;
            return true;
        }
    }

    private void WaitUntilMade(int part)
    {
        lock (gate)
        {
            while (!isMade[part % buffers.Length])
            {
                if (part == failedPart) failure!.Throw();
                Monitor.Wait(gate);
            }
        }
    }

    private void GiveBack(int part)
    {
        lock (gate)
        {
            isMade[part % buffers.Length] = false;
            nextToTake = part + 1;
            Monitor.PulseAll(gate);
        }
    }

    private void Fail(int part, Exception exception)
    {
        lock (gate)
        {
            // Those before it are still made: the error that comes up does not depend on which thread was faster.
            if (part < failedPart) (failedPart, failure) = (part, ExceptionDispatchInfo.Capture(exception));
            Monitor.PulseAll(gate);
        }
    }

    private void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            Monitor.PulseAll(gate);
        }
    }
}
