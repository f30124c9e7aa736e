namespace DftNative.Tokenizers;

/// <summary>One step from tokens to text: each changes the list of tokens, which are joined after the last.</summary>
internal abstract class TokenDecoder
{
    /// <summary>The changed tokens.</summary>
    /// <param name="tokens">As the vocabulary has them, or as the step before left them.</param>
    public abstract List<string> Decode(List<string> tokens);
}
