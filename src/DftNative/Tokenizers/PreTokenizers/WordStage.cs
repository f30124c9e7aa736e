namespace DftNative.Tokenizers;

/// <summary>The pre-tokeniser <c>Whitespace</c>: runs of word characters and runs of other ones; white space is dropped.</summary>
internal sealed class WordStage : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        var start = 0;
        bool? kind = null;
        for (int position = 0, length; position < text.Length; position += length)
        {
            var code = CodePoints.CodeAt(text, position, out length);
            bool? next = CodePoints.IsWord(code) ? true : CodePoints.ClassAt(text, position, out _) == CodePointClass.WhiteSpace ? null : false;
            if (next == kind) continue;
            if (kind is not null) sink.Emit(text[start..position], start);
            (start, kind) = (position, next);
        }

        if (kind is not null) sink.Emit(text[start..], start);
    }
}
