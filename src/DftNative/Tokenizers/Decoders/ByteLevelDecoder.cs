using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Joins tokens of the byte-level alphabet to text; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens) =>
        [Encoding.UTF8.GetString([.. tokens.SelectMany(ByteLevelAlphabet.ToBytes)])];
}
