namespace DftNative.Tokenizers;

/// <summary>
/// Cuts before every run of space marks. Where no merge makes a token with a mark behind another character the ids stay
/// the same, and short words can be remembered.
/// </summary>
internal sealed class MarkBoundaryStage : PreTokenizerStage
{
    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = start;
            while (end < text.Length && text[end] == SpaceMark.Character) end++;
            var next = text[end..].IndexOf(SpaceMark.Character);
            end = next < 0 ? text.Length : end + next;
            sink.Emit(text[start..end], start);
        }
    }
}
