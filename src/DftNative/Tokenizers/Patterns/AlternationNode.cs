namespace DftNative.Tokenizers;

/// <summary>One of several parts; the first that lets the whole pattern match.</summary>
/// <param name="Parts">In order.</param>
internal sealed record AlternationNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => Parts.Any(part => part.CanBeEmpty);

    /// <inheritdoc/>
    public override int? Width => Parts.Select(part => part.Width).Distinct().Count() == 1 ? Parts[0].Width : null;
}
