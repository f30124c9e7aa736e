namespace DftNative.Tokenizers;

/// <summary>Parts one behind the other.</summary>
/// <param name="Parts">In order.</param>
internal sealed record SequenceNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => Parts.All(part => part.CanBeEmpty);

    /// <inheritdoc/>
    public override int? Width => Parts.Aggregate((int?)0, (width, part) => width + part.Width);
}
