namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Items in brackets: a tuple, a point, an interval or a set.</summary>
/// <param name="open"><c>(</c>, <c>[</c>, <c>{</c> (a set) or <c>⟨</c>.</param>
/// <param name="close">The closing bracket.</param>
/// <param name="items">The items.</param>
internal sealed class GroupNode(char open, char close, IReadOnlyList<MathNode> items) : MathNode
{
    /// <summary>The opening bracket.</summary>
    public char Open { get; } = open;

    /// <summary>The closing bracket.</summary>
    public char Close { get; } = close;

    /// <summary>Whether the items have no order.</summary>
    public bool IsSet => Open == '{';

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = items;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new GroupNode(Open, Close, children);
}
