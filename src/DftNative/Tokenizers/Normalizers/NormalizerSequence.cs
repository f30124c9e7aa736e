namespace DftNative.Tokenizers;

/// <summary>Several normalizers, one after the other.</summary>
/// <param name="normalizers">In order; none: text stays as it is.</param>
internal sealed class NormalizerSequence(IReadOnlyList<TextNormalizer> normalizers) : TextNormalizer
{
    private readonly TextNormalizer[] normalizers = [.. normalizers];

    /// <inheritdoc/>
    public override string Normalize(string text)
    {
        foreach (var normalizer in normalizers) text = normalizer.Normalize(text);
        return text;
    }
}
