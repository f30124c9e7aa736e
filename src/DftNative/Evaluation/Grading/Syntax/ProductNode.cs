namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A product; a divisor is a factor to the power −1.</summary>
/// <param name="factors">At least one.</param>
internal sealed class ProductNode(IReadOnlyList<MathNode> factors) : MathNode
{
    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = factors;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new ProductNode(children);
}
