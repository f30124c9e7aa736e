namespace DftNative.Tokenizers;

/// <summary>Takes white space off the ends.</summary>
/// <param name="left">Whether off the beginning.</param>
/// <param name="right">Whether off the end.</param>
internal sealed class StripNormalizer(bool left, bool right) : TextNormalizer
{
    /// <inheritdoc/>
    public override string Normalize(string text)
    {
        if (left) text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }
}
