namespace DftNative.Tokenizers;

/// <summary>A tokenised text, and where places of it lie among the tokens.</summary>
/// <param name="Ids">[length] token ids.</param>
/// <param name="FirstTokens">For each boundary that was asked for: the first token that holds text from behind it.</param>
internal readonly record struct EncodedText(int[] Ids, int[] FirstTokens);
