namespace DftNative.Backends.Cuda;

/// <summary>An attention kernel and the shape that it is made for.</summary>
/// <param name="Variant">The kernel.</param>
/// <param name="RowsPerTile">Rows of a block: the first dimension of its tile.</param>
/// <param name="Block">A block's threads and dynamic shared memory.</param>
internal sealed record AttentionKernel(KernelVariant Variant, int RowsPerTile, KernelBlock Block);
