namespace DftNative.Backends.Cuda;

/// <summary>A row of the table of attention kernels: what one kind of device uses for one width of a head.</summary>
/// <param name="LeastComputeCapability">Devices from this one on, up to those of an earlier row.</param>
/// <param name="HeadDimension">Heads of up to so many channels.</param>
/// <param name="Forward">Forward, a tile of queries a block.</param>
/// <param name="Decode">Forward of single queries over a cache, a chunk of keys a block.</param>
/// <param name="QueryGradient">Backward: gradients of queries, and Σ dO∘O of each query and head; a tile of queries a block.</param>
/// <param name="KeyValueGradient">Backward: gradients of keys and values, a tile of keys a block.</param>
internal sealed record AttentionKernelSet(
    Version LeastComputeCapability, int HeadDimension, AttentionKernel Forward, AttentionKernel Decode, AttentionKernel QueryGradient, AttentionKernel KeyValueGradient)
{
    /// <summary>The kernels of the row.</summary>
    public IEnumerable<AttentionKernel> Kernels => [Forward, Decode, QueryGradient, KeyValueGradient];
}
