namespace DftNative.Tokenizers;

/// <summary>Receives the words that a <see cref="PreTokenizer"/> cuts.</summary>
/// <param name="word">The word; valid during the call.</param>
/// <param name="start">Where it begins in the text; one less where it begins with a space that was put before it.</param>
internal delegate void WordAction(ReadOnlySpan<char> word, int start);

/// <summary>Cuts normalized text into words by stages, each of which cuts the pieces of the one before.</summary>
/// <param name="stages">In order; none: the whole text is one word.</param>
internal sealed class PreTokenizer(IReadOnlyList<PreTokenizerStage> stages)
{
    private readonly PreTokenizerStage[] stages = [.. stages];

    /// <summary>Calls <paramref name="action"/> for every word, in order.</summary>
    /// <param name="text">Normalized text.</param>
    /// <param name="beginsText">Whether nothing of the text as given stands before it.</param>
    /// <param name="action">Takes the words.</param>
    public void Split(ReadOnlySpan<char> text, bool beginsText, WordAction action) => Emit(new Piece(0, 0, beginsText), text, action);

    /// <summary>Hands a piece to its next stage, or, past the last one, to <paramref name="action"/>.</summary>
    public void Emit(Piece piece, ReadOnlySpan<char> text, WordAction action)
    {
        if (text.IsEmpty) return;
        if (piece.Stage == stages.Length)
            action(text, piece.Start);
        else
            stages[piece.Stage].Split(text, piece, new PieceSink(this, piece with { Stage = piece.Stage + 1 }, action));
    }
}
