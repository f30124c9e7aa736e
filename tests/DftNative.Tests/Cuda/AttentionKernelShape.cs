using System.Globalization;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The macros that specialise an attention kernel, as numbers.</summary>
/// <param name="kernel">A kernel of the table.</param>
internal sealed class AttentionKernelShape(AttentionKernel kernel)
{
    /// <summary>Channels of a tile.</summary>
    public int HeadDimension => Macro("HEAD_DIM");

    /// <summary>Queries of a tile.</summary>
    public int QueryRows => Macro("QUERY_ROWS");

    /// <summary>Keys of a tile.</summary>
    public int KeyRows => Macro("KEY_ROWS");

    /// <summary>Rows of the other kind that a warp multiplies at once.</summary>
    public int Chunk => Macro("CHUNK");

    /// <summary>Rows of a warp, of the block's tile.</summary>
    public int WarpRows => kernel.RowsPerTile / (kernel.Block.Threads / 32);

    private int Macro(string name) => int.Parse(
        kernel.Variant.Defines.Single(define => define.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..],
        CultureInfo.InvariantCulture);
}
