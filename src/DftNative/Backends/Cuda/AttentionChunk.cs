using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// What a block of the decode kernels works on (kernels/attention_chunk.cuh): a part of the keys that a single query sees.
/// Where a sequence is cut depends on nothing but its length.
/// </summary>
/// <param name="Row">The query's row.</param>
/// <param name="FirstKey">The first row of the sequence's keys.</param>
/// <param name="KeyCount">Keys that the query sees, in all chunks.</param>
/// <param name="Index">The chunk's number, from 0.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttentionChunk(int Row, int FirstKey, int KeyCount, int Index)
{
    /// <summary>
    /// Whether the decode kernels take the range: one query and earlier keys. A document of one token is not such, so that
    /// training never needs their memory.
    /// </summary>
    public static bool Takes(in AttentionRange range) => range is { QueryCount: 1, KeyCount: > 1 };

    /// <summary>Chunks of so many keys.</summary>
    public static int Count(int keyCount, int keysPerChunk) => (keyCount + keysPerChunk - 1) / keysPerChunk;

    /// <summary>Cuts the ranges that the decode kernels take; a sequence's chunks lie one after another.</summary>
    /// <param name="ranges">Any that <see cref="AttentionTile.Cut"/> lets through.</param>
    /// <param name="keysPerChunk">Keys of a chunk, but the last of a sequence.</param>
    /// <param name="chunks">Written from its begin; replaced where it is too short.</param>
    /// <returns>The number of chunks.</returns>
    public static int Cut(ReadOnlySpan<AttentionRange> ranges, int keysPerChunk, ref AttentionChunk[] chunks)
    {
        var count = 0;
        foreach (var range in ranges)
        {
            if (!Takes(range)) continue;
            var needed = count + Count(range.KeyCount, keysPerChunk);
            if (chunks.Length < needed) Array.Resize(ref chunks, Math.Max(needed, 2 * chunks.Length));
            for (var index = 0; count < needed; index++)
                chunks[count++] = new AttentionChunk(range.QueryStart, range.KeyStart, range.KeyCount, index);
        }

        return count;
    }
}
