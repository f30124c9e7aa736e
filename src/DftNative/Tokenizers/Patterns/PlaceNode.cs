namespace DftNative.Tokenizers;

/// <summary>A condition on a place, such as the end of the text.</summary>
/// <param name="Operation">The condition.</param>
internal sealed record PlaceNode(PatternOperation Operation) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => true;

    /// <inheritdoc/>
    public override int? Width => 0;
}
