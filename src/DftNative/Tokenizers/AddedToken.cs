namespace DftNative.Tokenizers;

/// <summary>A token that is found in the text before it is cut into words: control tokens and other fixed strings.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Content">The text it stands for.</param>
/// <param name="IsSpecial">Whether decoding may leave it out.</param>
/// <param name="IsSingleWord">Whether it is only found where no word character touches it.</param>
/// <param name="StripsLeft">Whether it swallows the white space before it.</param>
/// <param name="StripsRight">Whether it swallows the white space after it.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalized text instead of the text as given.</param>
public sealed record AddedToken(
    int Id, string Content, bool IsSpecial, bool IsSingleWord, bool StripsLeft, bool StripsRight, bool IsNormalized);
