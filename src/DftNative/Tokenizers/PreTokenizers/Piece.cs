namespace DftNative.Tokenizers;

/// <summary>Where a piece of text stands among the stages of a <see cref="PreTokenizer"/>.</summary>
/// <param name="Stage">The stage that cuts it next.</param>
/// <param name="Start">Where it begins in the normalized text.</param>
/// <param name="BeginsText">Whether nothing of the text as given stands before it.</param>
internal readonly record struct Piece(int Stage, int Start, bool BeginsText);
