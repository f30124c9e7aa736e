namespace DftNative.Tokenizers;

/// <summary>A fixed string.</summary>
/// <param name="literal">The string; an empty one is never found.</param>
internal sealed class LiteralPattern(string literal) : TextPattern
{
    /// <inheritdoc/>
    public override bool TryFind(ReadOnlySpan<char> text, int position, out int start, out int end)
    {
        var skipped = literal.Length == 0 ? -1 : text[position..].IndexOf(literal, StringComparison.Ordinal);
        start = position + skipped;
        end = start + literal.Length;
        return skipped >= 0;
    }
}
