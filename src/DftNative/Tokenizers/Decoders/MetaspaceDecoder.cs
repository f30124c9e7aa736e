namespace DftNative.Tokenizers;

/// <summary>Marks become spaces; those of the first token are left out where a mark was put in front.</summary>
/// <param name="mark">Stands for a space.</param>
/// <param name="isPrepended">Whether a mark is put in front when encoding.</param>
internal sealed class MetaspaceDecoder(char mark, bool isPrepended) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens)
    {
        var result = tokens.ConvertAll(token => token.Replace(mark, ' '));
        if (isPrepended && tokens.Count > 0) result[0] = tokens[0].Replace(mark.ToString(), "", StringComparison.Ordinal);
        return result;
    }
}
