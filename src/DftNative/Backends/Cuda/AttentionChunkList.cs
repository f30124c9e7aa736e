namespace DftNative.Backends.Cuda;

/// <summary>The chunks of the decode kernels.</summary>
/// <param name="backend">Where the list is uploaded.</param>
/// <param name="scratch">int32 memory for it.</param>
internal sealed class AttentionChunkList(CudaBackend backend, CudaScratch scratch) : AttentionList<AttentionChunk>(backend, scratch)
{
    /// <inheritdoc/>
    protected override AttentionChunk[]? Find(CudaAttentionPlan plan, int rows) => plan.FindChunks(rows);

    /// <inheritdoc/>
    protected override int Cut(ReadOnlySpan<AttentionRange> host, int rows, ref AttentionChunk[] list) => AttentionChunk.Cut(host, rows, ref list);
}
