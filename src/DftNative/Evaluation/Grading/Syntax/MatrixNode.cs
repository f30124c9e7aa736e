namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A matrix.</summary>
/// <param name="rows">Number of rows.</param>
/// <param name="columns">Number of columns.</param>
/// <param name="elements">The elements, row by row.</param>
internal sealed class MatrixNode(int rows, int columns, IReadOnlyList<MathNode> elements) : MathNode
{
    /// <summary>Number of rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Number of columns.</summary>
    public int Columns { get; } = columns;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = elements;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new MatrixNode(Rows, Columns, children);
}
