using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A value with a unit.</summary>
/// <param name="value">The value.</param>
/// <param name="unit">The unit.</param>
internal sealed class QuantityNode(MathNode value, MeasureUnit unit) : MathNode
{
    /// <summary>The value.</summary>
    public MathNode Value { get; } = value;

    /// <summary>The unit.</summary>
    public MeasureUnit Unit { get; } = unit;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = [value];

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new QuantityNode(children[0], Unit);
}
