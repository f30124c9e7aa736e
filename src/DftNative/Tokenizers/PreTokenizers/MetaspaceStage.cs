namespace DftNative.Tokenizers;

/// <summary>SentencePiece's spaces: each becomes a mark, one is put in front, and words begin at marks.</summary>
/// <param name="mark">Stands for a space.</param>
/// <param name="prepend">Where a mark is put in front.</param>
/// <param name="splits">Whether a word begins at every mark.</param>
internal sealed class MetaspaceStage(char mark, MetaspacePrepend prepend, bool splits) : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        var isPrepended = text[0] != ' ' && text[0] != mark
            && (prepend == MetaspacePrepend.Always || (prepend == MetaspacePrepend.First && piece.BeginsText));
        var offset = isPrepended ? -1 : 0;
        var marked = new char[text.Length - offset];
        marked[0] = mark;
        text.CopyTo(marked.AsSpan(-offset));
        marked.AsSpan().Replace(' ', mark);
        if (!splits)
        {
            sink.Emit(marked, offset);
            return;
        }

        for (int start = 0, end; start < marked.Length; start = end)
        {
            var next = marked.AsSpan(start + 1).IndexOf(mark);
            end = next < 0 ? marked.Length : start + 1 + next;
            sink.Emit(marked.AsSpan(start, end - start), offset + start);
        }
    }
}
