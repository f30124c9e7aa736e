using System.Runtime.ExceptionServices;

namespace DftNative.Training;

/// <summary>
/// Makes the items of a sequence on a thread of its own, one ahead of whoever takes them: while one is worked on the next
/// is prepared, and no more than that is held. The items and their order are those of the sequence. One thread takes.
/// </summary>
/// <typeparam name="T">The items.</typeparam>
internal sealed class ReadAhead<T> : IDisposable
    where T : class
{
    private readonly IEnumerable<T> source;
    private readonly string what;
    private readonly Thread thread;
    private readonly object gate = new();
    private T? next;
    private ExceptionDispatchInfo? failure;
    private bool hasEnded;
    private bool isStopped;

    /// <summary>Begins with the first item at once.</summary>
    /// <param name="source">Enumerated once, wholly on the other thread.</param>
    /// <param name="what">What the items are made of, for errors: "training data".</param>
    public ReadAhead(IEnumerable<T> source, string what)
    {
        (this.source, this.what) = (source, what);
        thread = new Thread(Run) { IsBackground = true, Name = $"read ahead: {what}" };
        thread.Start();
    }

    /// <summary>The next item; waits until it is made. Allocates nothing.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: a file could not be read.</exception>
    /// <exception cref="InvalidOperationException">The sequence is at its end.</exception>
    /// <remarks>Any other exception is the sequence's own: it comes up where the item that it prevented is taken, after those before it.</remarks>
    public T Take() => TryTake() ?? throw new InvalidOperationException($"{what}: there is no next item");

    /// <summary>As <see cref="Take"/>, or null at the sequence's end.</summary>
    public T? TryTake()
    {
        lock (gate)
        {
            while (next is null && !hasEnded) Monitor.Wait(gate);
            if (next is null) failure?.Throw();
            var item = next;
            next = null;
            Monitor.PulseAll(gate);
            return item;
        }
    }

    /// <summary>Ends the thread, after the item that it is at.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isStopped = true;
            Monitor.PulseAll(gate);
        }

        thread.Join();
    }

    private void Run()
    {
        try
        {
            using var items = source.GetEnumerator();
            while (WaitForRoom() && items.MoveNext()) Put(items.Current);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failure = ExceptionDispatchInfo.Capture(new DftNativeException(ExitCode.InvalidInput, $"the {what} cannot be read: {exception.Message}", exception));
        }
#pragma warning disable CA1031 // Whatever it is, it belongs to the thread that takes: here it would end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = ExceptionDispatchInfo.Capture(exception);
        }

        lock (gate)
        {
            hasEnded = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Whether another item is wanted: the last one has been taken, and no one has stopped.</summary>
    private bool WaitForRoom()
    {
        lock (gate)
        {
            while (next is not null && !isStopped) Monitor.Wait(gate);
            return !isStopped;
        }
    }

    private void Put(T item)
    {
        lock (gate)
        {
            next = item;
            Monitor.PulseAll(gate);
        }
    }
}
