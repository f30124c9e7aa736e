namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A function at its arguments.</summary>
/// <param name="kind">Which function.</param>
/// <param name="name">Its name, where it is <see cref="FunctionKind.Unknown"/>.</param>
/// <param name="arguments">The arguments.</param>
internal sealed class FunctionNode(FunctionKind kind, string name, IReadOnlyList<MathNode> arguments) : MathNode
{
    /// <summary>The name of a class of residues: a number and the modulus.</summary>
    public const string ResidueClass = "mod";

    /// <summary>Which function.</summary>
    public FunctionKind Kind { get; } = kind;

    /// <summary>The name of an unknown one.</summary>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public override IReadOnlyList<MathNode> Children { get; } = arguments;

    /// <inheritdoc/>
    public override MathNode WithChildren(IReadOnlyList<MathNode> children) => new FunctionNode(Kind, Name, children);
}
