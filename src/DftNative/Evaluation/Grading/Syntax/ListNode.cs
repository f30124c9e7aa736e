namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>Answers side by side without brackets, in no order.</summary>
/// <param name="items">At least two.</param>
/// <param name="isAlternative">Whether <c>or</c> stands between them.</param>
internal sealed class ListNode(IReadOnlyList<MathNode> items, bool isAlternative) : MathNode
{
    /// <summary>Whether <c>or</c> stands between them.</summary>
    public bool IsAlternative { get; } = isAlternative;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = items;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new ListNode(children, IsAlternative);
}
