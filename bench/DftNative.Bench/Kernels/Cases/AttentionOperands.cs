using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>
/// Queries, keys and values as columns of the joined projection's rows, and the documents that share the micro-batch: one,
/// or, packed, lengths of 1 to a third of it.
/// </summary>
internal sealed class AttentionOperands
{
    private readonly Operand joined;
    private readonly int tokens;
    private readonly AttentionRange[] documents;
    private readonly int[] documentOfRow;

    public AttentionOperands(OperandArena operands, KernelProblem problem, bool packed)
    {
        tokens = problem.Tokens;
        var model = problem.Shape;
        Shape = new AttentionShape(model.HeadCount, model.KeyValueHeadCount, model.HeadDimension, (float)(1 / Math.Sqrt(model.HeadDimension)));
        joined = operands.Random((long)tokens * RowStride);
        documents = Documents(tokens, packed);
        documentOfRow = [.. documents.SelectMany((document, index) => Enumerable.Repeat(index, document.QueryCount))];
        var device = operands.Of([.. documents.SelectMany(d => new[] { d.QueryStart, d.QueryCount, d.KeyStart, d.KeyCount })]);
        Ranges = new AttentionRanges(device.Vector, documents);
    }

    public AttentionShape Shape { get; }

    public AttentionRanges Ranges { get; }

    public Matrix Query => Slice(joined, 0, QuerySize);

    public Matrix Key => Slice(joined, QuerySize, KeyValueSize);

    public Matrix Value => Slice(joined, QuerySize + KeyValueSize, KeyValueSize);

    public int QuerySize => Shape.HeadCount * Shape.HeadDimension;

    public int KeyValueSize => Shape.KeyValueHeadCount * Shape.HeadDimension;

    public int RowStride => QuerySize + (2 * KeyValueSize);

    /// <summary>Query heads a key/value head.</summary>
    public int GroupSize => Shape.HeadCount / Shape.KeyValueHeadCount;

    /// <summary>Pairs of a query and a key that it sees.</summary>
    public static double VisiblePairs(int tokens, bool packed) => Documents(tokens, packed).Sum(d => (double)d.QueryCount * (d.QueryCount + 1) / 2);

    /// <summary>Columns of rows laid out as the joined projection's.</summary>
    public Matrix Slice(Operand operand, int start, int columns) => operand.Matrix(tokens, RowStride).SliceColumns(start, columns);

    /// <summary>The first row of the row's document.</summary>
    public int First(int row) => documents[documentOfRow[row]].QueryStart;

    /// <summary>One past the last row of the row's document.</summary>
    public int End(int row) => First(row) + documents[documentOfRow[row]].QueryCount;

    public double[] QueryRow(int row, int head) => joined.Initial(((long)row * RowStride) + (head * Shape.HeadDimension), Shape.HeadDimension);

    public double[] KeyRow(int row, int head) => joined.Initial(((long)row * RowStride) + QuerySize + (head * Shape.HeadDimension), Shape.HeadDimension);

    public double[] ValueRow(int row, int head) =>
        joined.Initial(((long)row * RowStride) + QuerySize + KeyValueSize + (head * Shape.HeadDimension), Shape.HeadDimension);

    private static AttentionRange[] Documents(int tokens, bool packed)
    {
        var documents = new List<AttentionRange>();
        for (int start = 0, i = 0; start < tokens; i++)
        {
            int[] lengths = packed ? [tokens / 3, 1, (tokens / 7) + 1, tokens / 5] : [tokens];
            var length = Math.Min(Math.Max(1, lengths[i % lengths.Length]), tokens - start);
            documents.Add(new AttentionRange(start, length, start, length));
            start += length;
        }

        return [.. documents];
    }
}
