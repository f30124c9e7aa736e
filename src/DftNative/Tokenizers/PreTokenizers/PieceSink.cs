namespace DftNative.Tokenizers;

/// <summary>Takes the pieces that a stage makes of one piece.</summary>
/// <param name="owner">Knows the later stages.</param>
/// <param name="parent">The piece that is cut, already at the next stage.</param>
/// <param name="action">Takes words.</param>
internal readonly struct PieceSink(PreTokenizer owner, Piece parent, WordAction action)
{
    /// <summary>Hands on a piece; an empty one is dropped.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="offset">Where it begins in the piece that is cut.</param>
    public void Emit(ReadOnlySpan<char> text, int offset) =>
        owner.Emit(new Piece(parent.Stage, parent.Start + offset, parent.BeginsText && offset <= 0), text, action);
}
