namespace DftNative.Tokenizers;

/// <summary>Replaces every match of a pattern.</summary>
/// <param name="pattern">What is looked for.</param>
/// <param name="content">What takes its place.</param>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : TextNormalizer
{
    /// <inheritdoc/>
    public override string Normalize(string text) => pattern.Replace(text, content);
}
