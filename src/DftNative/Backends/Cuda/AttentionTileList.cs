using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// The tiles of one attention kernel, the longest first, on the host and on the device. They are made anew only when the
/// ranges are others than the last time: a model's layers share them. Memory grows to the largest list and is kept.
/// </summary>
/// <param name="backend">Where the list is uploaded.</param>
/// <param name="scratch">int32 memory for it.</param>
/// <param name="ofKeys">Whether the tiles' rows are keys, for the gradients of keys and values; else queries.</param>
internal sealed class AttentionTileList(CudaBackend backend, CudaScratch scratch, bool ofKeys)
{
    private AttentionRange[] ranges = [];
    private AttentionTile[] tiles = [];
    private int rangeCount;
    private int rowsPerTile;

    /// <summary>The number of tiles.</summary>
    public int Count { get; private set; }

    /// <summary>[tiles · 4] int32.</summary>
    public Vector Device => scratch.Take((long)Count * AttentionTile.FieldCount);

    /// <summary>Makes the list for those ranges.</summary>
    /// <param name="newRanges">Ranges; of keys only such whose keys are the queries' rows.</param>
    /// <param name="newRowsPerTile">Rows of a tile.</param>
    /// <exception cref="ArgumentException">A range has no query, or more queries than keys, or begins before row 0.</exception>
    public void Update(ReadOnlySpan<AttentionRange> newRanges, int newRowsPerTile)
    {
        if (newRowsPerTile == rowsPerTile && newRanges.SequenceEqual(ranges.AsSpan(0, rangeCount))) return;
        rangeCount = 0; // what is kept is not valid until the end
        Count = 0;
        Grow(ref ranges, newRanges.Length);
        newRanges.CopyTo(ranges);
        foreach (var range in newRanges) Add(range, newRowsPerTile);
        tiles.AsSpan(0, Count).Sort();
        if (Count > 0) backend.Upload<int>(MemoryMarshal.Cast<AttentionTile, int>(tiles.AsSpan(0, Count)), Device);
        rangeCount = newRanges.Length;
        rowsPerTile = newRowsPerTile;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, 2 * array.Length));
    }

    private void Add(AttentionRange range, int rows)
    {
        if (range.QueryCount < 1 || range.QueryCount > range.KeyCount || range.QueryStart < 0 || range.KeyStart < 0)
            throw new ArgumentException($"{range} has no query, or more queries than keys, or begins before row 0");
        if (ofKeys && (range.QueryStart != range.KeyStart || range.QueryCount != range.KeyCount))
            throw new ArgumentException($"{range}: the backward pass takes ranges whose queries and keys are the same rows");
        Grow(ref tiles, Count + ((range.QueryCount + rows - 1) / rows));
        for (var first = 0; first < range.QueryCount; first += rows)
        {
            var row = range.QueryStart + first;
            var count = Math.Min(rows, range.QueryCount - first);
            tiles[Count++] = ofKeys
                ? new AttentionTile(row, count, row, range.QueryCount - first)
                : new AttentionTile(row, count, range.KeyStart, range.KeyCount - range.QueryCount + first + 1);
        }
    }
}
