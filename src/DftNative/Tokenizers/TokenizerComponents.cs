namespace DftNative.Tokenizers;

/// <summary>What a model's tokenizer files describe.</summary>
/// <param name="Normalizer">Changes text before it is cut.</param>
/// <param name="PreTokenizer">Cuts text into words.</param>
/// <param name="Model">Turns words into ids.</param>
/// <param name="IsByteLevel">Whether the vocabulary is in the byte-level alphabet.</param>
/// <param name="Decoders">From tokens to text, in order.</param>
/// <param name="AddedTokens">Found before the text is cut.</param>
/// <param name="Template">What is put around a text when special tokens are asked for.</param>
internal sealed record TokenizerComponents(
    TextNormalizer Normalizer, PreTokenizer PreTokenizer, BytePairModel Model, bool IsByteLevel, IReadOnlyList<TokenDecoder> Decoders,
    IReadOnlyList<AddedToken> AddedTokens, SpecialTokenTemplate Template);
