namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A part of a parsed answer.</summary>
internal abstract class MathNode
{
    /// <summary>The direct parts, in the order of writing.</summary>
    public virtual IReadOnlyList<MathNode> Children => [];

    /// <summary>This node with other parts, as many as it has.</summary>
    public virtual MathNode WithChildren(IReadOnlyList<MathNode> children) => this;
}
