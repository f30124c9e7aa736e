namespace DftNative.Backends.Cuda;

/// <summary>The tiles of one attention kernel, the longest first.</summary>
/// <param name="backend">Where the list is uploaded.</param>
/// <param name="scratch">int32 memory for it.</param>
/// <param name="ofKeys">Whether the tiles' rows are keys, for the gradients of keys and values; else queries.</param>
internal sealed class AttentionTileList(CudaBackend backend, CudaScratch scratch, bool ofKeys) : AttentionList<AttentionTile>(backend, scratch)
{
    /// <inheritdoc/>
    protected override AttentionTile[]? Find(CudaAttentionPlan plan, int rows) => plan.Find(ofKeys, rows);

    /// <inheritdoc/>
    protected override int Cut(ReadOnlySpan<AttentionRange> host, int rows, ref AttentionTile[] list) => AttentionTile.Cut(host, rows, ofKeys, ref list);
}
