using Microsoft.Win32.SafeHandles;

namespace DftNative.Checkpoints;

/// <summary>Reads that end only at a file's end.</summary>
internal static class FullRead
{
    /// <summary>Fills a span with a file's bytes from an offset on.</summary>
    /// <returns>The bytes read: fewer than asked for where the file ends.</returns>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static int Read(SafeFileHandle file, long offset, Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length && RandomAccess.Read(file, destination[total..], offset + total) is var count and > 0) total += count;
        return total;
    }
}
