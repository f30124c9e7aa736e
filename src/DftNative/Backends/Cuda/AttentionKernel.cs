namespace DftNative.Backends.Cuda;

/// <summary>An attention kernel and the shape that it is made for.</summary>
/// <param name="Variant">The kernel.</param>
/// <param name="RowsPerTile">Rows of a block: the first dimension of its tile.</param>
/// <param name="SharedMemoryInBytes">Dynamic shared memory of a block.</param>
internal sealed record AttentionKernel(KernelVariant Variant, int RowsPerTile, int SharedMemoryInBytes);
