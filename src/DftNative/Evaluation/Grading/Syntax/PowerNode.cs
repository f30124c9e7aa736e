namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A power.</summary>
/// <param name="operand">What is raised.</param>
/// <param name="exponent">To what.</param>
internal sealed class PowerNode(MathNode operand, MathNode exponent) : MathNode
{
    /// <summary>What is raised.</summary>
    public MathNode Operand { get; } = operand;

    /// <summary>The exponent.</summary>
    public MathNode Exponent { get; } = exponent;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = [operand, exponent];

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new PowerNode(children[0], children[1]);
}
