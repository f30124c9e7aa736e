namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A sum.</summary>
/// <param name="terms">At least one; signs are in the terms.</param>
internal sealed class SumNode(IReadOnlyList<MathNode> terms) : MathNode
{
    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = terms;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new SumNode(children);
}
