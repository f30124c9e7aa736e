using System.Text.RegularExpressions;

namespace DftNative.Tokenizers;

/// <summary>SentencePiece's <c>remove_extra_whitespaces</c>: one space for several, none at the ends.</summary>
internal sealed partial class SingleSpaceNormalizer : TextNormalizer
{
    /// <inheritdoc/>
    public override string Normalize(string text) => Spaces().Replace(text.Trim(' '), " ");

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
