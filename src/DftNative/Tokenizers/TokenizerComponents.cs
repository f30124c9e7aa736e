namespace DftNative.Tokenizers;

/// <summary>What a <c>tokenizer.json</c> describes.</summary>
/// <param name="NormalizesToNfc">Whether text is brought to form C.</param>
/// <param name="PreTokenizer">Cuts text into words.</param>
/// <param name="Model">Turns words into ids.</param>
/// <param name="AddedTokens">Found before the text is cut.</param>
/// <param name="Prefix">Ids put before a text when special tokens are asked for.</param>
/// <param name="Suffix">Ids put after it.</param>
internal sealed record TokenizerComponents(
    bool NormalizesToNfc, PreTokenizer PreTokenizer, BytePairModel Model, IReadOnlyList<AddedToken> AddedTokens, int[] Prefix, int[] Suffix);
