namespace DftNative.Tokenizers;

/// <summary>Replaces every match of a pattern within a token.</summary>
/// <param name="pattern">What is looked for.</param>
/// <param name="content">What takes its place.</param>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens) => tokens.ConvertAll(token => pattern.Replace(token, content));
}
