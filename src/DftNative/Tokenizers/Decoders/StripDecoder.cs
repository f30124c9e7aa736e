namespace DftNative.Tokenizers;

/// <summary>Takes a character off the ends of every token.</summary>
/// <param name="character">The character.</param>
/// <param name="start">At most so many off the beginning.</param>
/// <param name="stop">At most so many off the end.</param>
internal sealed class StripDecoder(char character, int start, int stop) : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var first = 0;
        while (first < start && first < token.Length && token[first] == character) first++;
        var last = token.Length;
        while (token.Length - last < stop && last > first && token[last - 1] == character) last--;
        return token[first..last];
    }
}
