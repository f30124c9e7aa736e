namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A union (<c>∪</c>), an intersection (<c>∩</c>) or a difference (<c>∖</c>) of two sets.</summary>
/// <param name="operation">The sign.</param>
/// <param name="left">The first set.</param>
/// <param name="right">The second set.</param>
internal sealed class SetOperationNode(char operation, MathNode left, MathNode right) : MathNode
{
    /// <summary>The sign.</summary>
    public char Operation { get; } = operation;

    /// <summary>The first set.</summary>
    public MathNode Left { get; } = left;

    /// <summary>The second set.</summary>
    public MathNode Right { get; } = right;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = [left, right];

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new SetOperationNode(Operation, children[0], children[1]);
}
