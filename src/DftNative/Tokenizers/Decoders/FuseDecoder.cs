namespace DftNative.Tokenizers;

/// <summary>Joins all tokens to one.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}
