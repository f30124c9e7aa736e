using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// The tiles of one attention kernel, the longest first, on the device: those of the ranges' plan, or made here where they
/// have none. They are made and uploaded anew only when the ranges are others than the last time: a model's layers share
/// them. Memory grows to the largest list and is kept.
/// </summary>
/// <param name="backend">Where the list is uploaded.</param>
/// <param name="scratch">int32 memory for it.</param>
/// <param name="ofKeys">Whether the tiles' rows are keys, for the gradients of keys and values; else queries.</param>
internal sealed class AttentionTileList(CudaBackend backend, CudaScratch scratch, bool ofKeys)
{
    private AttentionRange[] ranges = [];
    private AttentionTile[] tiles = [];
    private AttentionTile[]? planned;
    private int rangeCount;
    private int rowsPerTile;

    /// <summary>The number of tiles.</summary>
    public int Count { get; private set; }

    /// <summary>[tiles · 4] int32.</summary>
    public Vector Device => scratch.Take((long)Count * AttentionTile.FieldCount);

    /// <summary>Brings the tiles of those ranges to the device.</summary>
    /// <param name="newRanges">Ranges; of keys only such whose keys are the queries' rows.</param>
    /// <param name="newRowsPerTile">Rows of a tile.</param>
    /// <exception cref="ArgumentException">As <see cref="AttentionTile.Cut"/>.</exception>
    public void Update(in AttentionRanges newRanges, int newRowsPerTile)
    {
        if ((newRanges.Plan as CudaAttentionPlan)?.Find(ofKeys, newRowsPerTile) is { } list)
        {
            if (ReferenceEquals(list, planned)) return;
            Forget();
            Upload(list);
            planned = list;
            return;
        }

        var host = newRanges.Host.Span;
        if (newRowsPerTile == rowsPerTile && host.SequenceEqual(ranges.AsSpan(0, rangeCount))) return;
        Forget();
        if (ranges.Length < host.Length) ranges = new AttentionRange[Math.Max(host.Length, 2 * ranges.Length)];
        host.CopyTo(ranges);
        var count = AttentionTile.Cut(host, newRowsPerTile, ofKeys, ref tiles);
        Upload(tiles.AsSpan(0, count));
        (rangeCount, rowsPerTile) = (host.Length, newRowsPerTile);
    }

    /// <summary>What is kept is not valid until an update has come to its end.</summary>
    private void Forget() => (Count, rangeCount, rowsPerTile, planned) = (0, 0, 0, null);

    private void Upload(ReadOnlySpan<AttentionTile> list)
    {
        Count = list.Length;
        if (Count > 0) backend.Upload(MemoryMarshal.Cast<AttentionTile, int>(list), Device);
    }
}
