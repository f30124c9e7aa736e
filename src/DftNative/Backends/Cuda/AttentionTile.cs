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
    /// <summary>Cuts ranges into tiles, the longest first, but those that the decode kernels take.</summary>
    /// <param name="ranges">Ranges; of keys only such whose keys are the queries' rows.</param>
    /// <param name="rowsPerTile">Rows of a tile, but the last of a range.</param>
    /// <param name="ofKeys">Whether the tiles' rows are keys; else queries.</param>
    /// <param name="tiles">Written from its begin; replaced where it is too short.</param>
    /// <returns>The number of tiles.</returns>
    /// <exception cref="ArgumentException">A range has no query, or more queries than keys, or begins before row 0, or is none of keys.</exception>
    public static int Cut(ReadOnlySpan<AttentionRange> ranges, int rowsPerTile, bool ofKeys, ref AttentionTile[] tiles)
    {
        var count = 0;
        foreach (var range in ranges)
        {
            Check(range, ofKeys);
            if (AttentionChunk.Takes(range)) continue;
            var needed = count + ((range.QueryCount + rowsPerTile - 1) / rowsPerTile);
            if (tiles.Length < needed) Array.Resize(ref tiles, Math.Max(needed, 2 * tiles.Length));
            for (var first = 0; first < range.QueryCount; first += rowsPerTile)
            {
                var row = range.QueryStart + first;
                var rows = Math.Min(rowsPerTile, range.QueryCount - first);
                tiles[count++] = ofKeys
                    ? new AttentionTile(row, rows, row, range.QueryCount - first)
                    : new AttentionTile(row, rows, range.KeyStart, range.KeyCount - range.QueryCount + first + 1);
            }
        }

        tiles.AsSpan(0, count).Sort();
        return count;
    }

    /// <inheritdoc/>
    public int CompareTo(AttentionTile other)
    {
        var byWork = (other.Visible, other.RowCount).CompareTo((Visible, RowCount));
        return byWork != 0 ? byWork : Row.CompareTo(other.Row);
    }

    private static void Check(in AttentionRange range, bool ofKeys)
    {
        if (range.QueryCount < 1 || range.QueryCount > range.KeyCount || range.QueryStart < 0 || range.KeyStart < 0)
            throw new ArgumentException($"{range} has no query, or more queries than keys, or begins before row 0");
        if (ofKeys && (range.QueryStart != range.KeyStart || range.QueryCount != range.KeyCount))
            throw new ArgumentException($"{range}: the backward pass takes ranges whose queries and keys are the same rows");
    }
}
