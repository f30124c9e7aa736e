namespace DftNative.Tokenizers;

/// <summary>Cuts by a pattern that is matched by hand.</summary>
/// <param name="splitter">The pattern.</param>
internal sealed class SplitterStage(Splitter splitter) : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitter.FindEnd(text, start);
            sink.Emit(text[start..end], start);
        }
    }
}
