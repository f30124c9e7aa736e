namespace DftNative.Tokenizers;

/// <summary>One code point of a set.</summary>
/// <param name="Set">The set.</param>
internal sealed record SetNode(CodePointSet Set) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => false;

    /// <inheritdoc/>
    public override int? Width => 1;
}
