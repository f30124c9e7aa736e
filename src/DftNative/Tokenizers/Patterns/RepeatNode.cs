namespace DftNative.Tokenizers;

/// <summary>A part several times.</summary>
/// <param name="Part">The part.</param>
/// <param name="Least">At least so often.</param>
/// <param name="Most">At most so often.</param>
/// <param name="Kind"><see cref="PatternOperation.Greedy"/>, <see cref="PatternOperation.Lazy"/> or <see cref="PatternOperation.Possessive"/>.</param>
internal sealed record RepeatNode(PatternNode Part, int Least, int Most, PatternOperation Kind) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => Least == 0 || Part.CanBeEmpty;

    /// <inheritdoc/>
    public override int? Width => Least == Most ? Least * Part.Width : null;
}
