using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Multiples and sums of matrices as one matrix, and determinants as values.</summary>
internal static class MatrixArithmetic
{
    private const int MaxDeterminant = 4;

    /// <summary>The answer with every such expression carried out, element by element.</summary>
    public static MathNode Simplify(MathNode node)
    {
        if (node.Children.Count == 0 || !HasMatrix(node)) return node;
        var children = node.Children.Select(Simplify).ToList();
        return node switch
        {
            SignNode { Sign: TermSign.Minus } when children[0] is MatrixNode matrix => Map(matrix, element => new SignNode(TermSign.Minus, element)),
            ProductNode when children.Count(child => child is MatrixNode) == 1 => Scale(children),
            SumNode when children.TrueForAll(child => child is MatrixNode matrix && HasShape(matrix, (MatrixNode)children[0])) => Add(children),
            FunctionNode { Kind: FunctionKind.Determinant } when children[0] is MatrixNode matrix => Determinant(matrix) ?? node.WithChildren(children),
            _ => node.WithChildren(children),
        };
    }

    private static bool HasMatrix(MathNode node) => node is MatrixNode || node.Children.Any(HasMatrix);

    private static bool HasShape(MatrixNode matrix, MatrixNode other) => matrix.Rows == other.Rows && matrix.Columns == other.Columns;

    private static MatrixNode Map(MatrixNode matrix, Func<MathNode, MathNode> map) => new(matrix.Rows, matrix.Columns, [.. matrix.Children.Select(map)]);

    private static MatrixNode Scale(List<MathNode> factors)
    {
        var scalars = factors.Where(factor => factor is not MatrixNode).ToList();
        return Map((MatrixNode)factors.Single(factor => factor is MatrixNode), element => new ProductNode([.. scalars, element]));
    }

    private static MatrixNode Add(List<MathNode> matrices)
    {
        var first = (MatrixNode)matrices[0];
        return new MatrixNode(first.Rows, first.Columns, [.. Enumerable.Range(0, first.Children.Count).Select(index => new SumNode([.. matrices.Select(matrix => matrix.Children[index])]))]);
    }

    // By Laplace's expansion along the first row.
    private static MathNode? Determinant(MatrixNode matrix)
    {
        if (matrix.Rows != matrix.Columns || matrix.Rows > MaxDeterminant) return null;
        return Expand([.. matrix.Children.Chunk(matrix.Columns)]);
    }

    private static MathNode Expand(MathNode[][] rows)
    {
        if (rows.Length == 1) return rows[0][0];
        var terms = new List<MathNode>();
        for (var column = 0; column < rows.Length; column++)
        {
            var term = new ProductNode([rows[0][column], Expand([.. rows.Skip(1).Select(row => row.Where((_, index) => index != column).ToArray())])]);
            terms.Add(column % 2 == 0 ? term : new SignNode(TermSign.Minus, term));
        }

        return new SumNode(terms);
    }
}
