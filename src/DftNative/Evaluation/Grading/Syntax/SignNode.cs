namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A term with a sign before it that is not plus.</summary>
/// <param name="sign">Which.</param>
/// <param name="operand">The term.</param>
internal sealed class SignNode(TermSign sign, MathNode operand) : MathNode
{
    /// <summary>The sign.</summary>
    public TermSign Sign { get; } = sign;

    /// <summary>The term.</summary>
    public MathNode Operand { get; } = operand;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = [operand];

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new SignNode(Sign, children[0]);
}
