using Microsoft.Extensions.Logging;

namespace DftNative.Training;

/// <summary>Tells a user who waits for a large model how far it is: a line every few seconds, none for one that is there sooner.</summary>
/// <param name="logger">Told.</param>
/// <param name="what">What is loaded.</param>
/// <param name="total">Elements that make the whole.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadProgress(ILogger logger, string what, long total, TimeProvider time) : IProgress<long>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long last = time.GetTimestamp();
    private long done;

    /// <summary>Takes the number of elements that are done besides those before.</summary>
    public void Report(long value)
    {
        done += value;
        if (done == total || time.GetElapsedTime(last) < Interval) return;
        last = time.GetTimestamp();
        logger.Loading(what, 100 * done / total);
    }
}
