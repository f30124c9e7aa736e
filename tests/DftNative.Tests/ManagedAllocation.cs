namespace DftNative.Tests;

/// <summary>Counts the managed bytes of the calling thread.</summary>
internal static class ManagedAllocation
{
    /// <summary>
    /// An action allocates no managed memory. The runtime itself now and then allocates once on the thread that runs, as when
    /// code is compiled again at a higher tier; an action that allocates does so every time, so one of three runs without is proof.
    /// </summary>
    /// <param name="action">Has run before: what the first call sets up is not counted.</param>
    public static void AssertNone(Action action)
    {
        var allocated = long.MaxValue;
        for (var attempt = 0; attempt < 3 && allocated != 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(allocated, Is.Zero, "managed bytes");
    }
}
