namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A variable, a constant or a name.</summary>
/// <param name="name">Its canonical name, subscript and accents included.</param>
internal sealed class SymbolNode(string name) : MathNode
{
    /// <summary>The canonical name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the name is a word, compared without regard to case.</summary>
    public bool IsWord { get; init; }

    /// <summary>Whether it has one value everywhere, as π has.</summary>
    public bool IsConstant => Name is SymbolNames.Pi or SymbolNames.Euler or SymbolNames.ImaginaryUnit or SymbolNames.Infinity;

    /// <summary>Whether both have the same name.</summary>
    public bool IsSame(SymbolNode other) => string.Equals(Name, other.Name, IsWord || other.IsWord ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
