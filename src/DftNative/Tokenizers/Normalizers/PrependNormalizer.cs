namespace DftNative.Tokenizers;

/// <summary>Puts a text before one that is not empty.</summary>
/// <param name="prefix">The text.</param>
internal sealed class PrependNormalizer(string prefix) : TextNormalizer
{
    /// <inheritdoc/>
    public override string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}
