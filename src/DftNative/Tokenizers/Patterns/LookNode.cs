namespace DftNative.Tokenizers;

/// <summary>A condition on what stands before or behind a place, or a place where what was matched is kept.</summary>
/// <param name="Part">What is matched there.</param>
/// <param name="Operation">A look-around, or <see cref="PatternOperation.Atomic"/>.</param>
internal sealed record LookNode(PatternNode Part, PatternOperation Operation) : PatternNode
{
    /// <inheritdoc/>
    public override bool CanBeEmpty => Operation != PatternOperation.Atomic || Part.CanBeEmpty;

    /// <inheritdoc/>
    public override int? Width => Operation == PatternOperation.Atomic ? Part.Width : 0;
}
