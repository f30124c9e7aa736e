namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A ratio such as <c>2:3:5</c>.</summary>
/// <param name="parts">At least two.</param>
internal sealed class RatioNode(IReadOnlyList<MathNode> parts) : MathNode
{
    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = parts;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new RatioNode(children);
}
