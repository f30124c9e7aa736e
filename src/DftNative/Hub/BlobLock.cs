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
            if (TryOpen(path) is { } held) return held;
            if (isFirst) onWaiting();
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            return null;
        }
    }

    // A sharing violation: EWOULDBLOCK of flock (11 on Linux, 35 on macOS), or Windows' own error 32.
    private static bool IsHeld(IOException exception) => (exception.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code == 32 : code is 11 or 35);
}
