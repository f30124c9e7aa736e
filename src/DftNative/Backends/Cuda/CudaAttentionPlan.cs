namespace DftNative.Backends.Cuda;

/// <summary>The tiles and chunks that the attention kernels of a device cut some ranges into, a list for each size of tile. Immutable.</summary>
internal sealed class CudaAttentionPlan : AttentionPlan
{
    private readonly List<(bool OfKeys, int RowsPerTile, AttentionTile[] Tiles)> lists = [];
    private readonly AttentionChunk[] chunks = [];
    private readonly int keysPerChunk;

    /// <summary>Makes the lists of every kernel of a set.</summary>
    /// <param name="kernels">The kernels of a device and a width of heads.</param>
    /// <param name="ranges">The ranges of a pass.</param>
    /// <param name="training">Whether backward follows.</param>
    /// <exception cref="ArgumentException">As <see cref="AttentionTile.Cut"/>.</exception>
    public CudaAttentionPlan(AttentionKernelSet kernels, ReadOnlySpan<AttentionRange> ranges, bool training)
    {
        Add(ofKeys: false, kernels.Forward.RowsPerTile, ranges);
        keysPerChunk = kernels.Decode.RowsPerTile;
        Array.Resize(ref chunks, AttentionChunk.Cut(ranges, keysPerChunk, ref chunks));
        if (!training) return;
        Add(ofKeys: false, kernels.QueryGradient.RowsPerTile, ranges);
        Add(ofKeys: true, kernels.KeyValueGradient.RowsPerTile, ranges);
    }

    /// <summary>A list, the longest tiles first; null where no kernel of the set has tiles of that size.</summary>
    public AttentionTile[]? Find(bool ofKeys, int rowsPerTile)
    {
        foreach (var list in lists)
            if (list.OfKeys == ofKeys && list.RowsPerTile == rowsPerTile) return list.Tiles;
        return null;
    }

    /// <summary>A list, a sequence's chunks one after another; null where chunks are of another size.</summary>
    public AttentionChunk[]? FindChunks(int keys) => keys == keysPerChunk ? chunks : null;

    private void Add(bool ofKeys, int rowsPerTile, ReadOnlySpan<AttentionRange> ranges)
    {
        if (Find(ofKeys, rowsPerTile) is not null) return;
        AttentionTile[] tiles = [];
        Array.Resize(ref tiles, AttentionTile.Cut(ranges, rowsPerTile, ofKeys, ref tiles));
        lists.Add((ofKeys, rowsPerTile, tiles));
    }
}
