using System.Runtime.InteropServices;

namespace DftNative.Backends.Cuda;

/// <summary>
/// What a block of an attention kernel works on (kernels/attention_tile.cuh): some rows of one range, and the rows of the
/// other kind that they are multiplied with. Sorts the most work first, so that the short tiles fill the end of a grid.
/// </summary>
/// <param name="Row">The first of the tile's rows.</param>
/// <param name="RowCount">Its rows.</param>
/// <param name="OtherRow">The first row of the other kind.</param>
/// <param name="Visible">Of queries: how many keys the first of them sees. Of keys: how many queries see the first of them.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct AttentionTile(int Row, int RowCount, int OtherRow, int Visible) : IComparable<AttentionTile>
{
    /// <summary>The struct's numbers.</summary>
    public const int FieldCount = 4;

    /// <inheritdoc/>
    public int CompareTo(AttentionTile other)
    {
        var byWork = (other.Visible, other.RowCount).CompareTo((Visible, RowCount));
        return byWork != 0 ? byWork : Row.CompareTo(other.Row);
    }
}
