namespace DftNative.Tokenizers;

/// <summary>A part of a text: an added token, or what lies between two of them.</summary>
/// <param name="Start">The first char.</param>
/// <param name="End">One past the last char.</param>
/// <param name="TokenId">The added token's id; null: ordinary text.</param>
internal readonly record struct TextSegment(int Start, int End, int? TokenId);
