namespace DftNative.Hub;

/// <summary>A lock that one process holds while it fetches a blob; Hugging Face's tools take the same one (flock of the same file).</summary>
internal static class BlobLock
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the lock is free, and takes it. A process that ends, however it ends, frees it.</summary>
    /// <param name="path">The lock's file; it stays.</param>
    /// <param name="onWaiting">Called once where the lock is not free.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Frees it.</returns>
    public static async Task<IDisposable> AcquireAsync(string path, Action onWaiting, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var isFirst = true; ; isFirst = false)
        {
            if (FileLock.TryHold(path) is { } held) return held;
            if (isFirst) onWaiting();
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}
