namespace DftNative.Tokenizers;

/// <summary>What Hugging Face does where a tokenizer has no decoder: a space between tokens.</summary>
internal sealed class JoinDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens) => [string.Join(' ', tokens)];
}
