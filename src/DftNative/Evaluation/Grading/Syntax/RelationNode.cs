namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>An equation, an inequality or a membership, possibly a chain such as <c>a &lt; x &lt; b</c>.</summary>
/// <param name="operands">One more than there are signs.</param>
/// <param name="signs">Of <c>= ≠ &lt; ≤ &gt; ≥ ∈ ≡ ≈</c>.</param>
internal sealed class RelationNode(IReadOnlyList<MathNode> operands, string signs) : MathNode
{
    /// <summary>The signs between the operands.</summary>
    public string Signs { get; } = signs;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = operands;

    /// <summary>Whether it is an equation or a chain of equations.</summary>
    public bool IsEquation => Signs.AsSpan().IndexOfAnyExcept('=', '≈') < 0;

    /// <summary>Whether it says where a variable lies.</summary>
    public bool IsInequality => Signs.AsSpan().IndexOfAnyExcept("<≤>≥≠") < 0;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new RelationNode(children, Signs);
}
