namespace DftNative.Tokenizers;

/// <summary>ByteLevel's <c>add_prefix_space</c>: a space before a piece that does not begin with one.</summary>
internal sealed class PrefixSpaceStage : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        if (text[0] == ' ')
            sink.Emit(text, 0);
        else
            sink.Emit(" " + text.ToString(), -1);
    }
}
