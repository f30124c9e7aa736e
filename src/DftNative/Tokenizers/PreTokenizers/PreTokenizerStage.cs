namespace DftNative.Tokenizers;

/// <summary>One pre-tokeniser of a sequence.</summary>
internal abstract class PreTokenizerStage
{
    /// <summary>Cuts one piece.</summary>
    /// <param name="text">Well-formed UTF-16, not empty.</param>
    /// <param name="piece">Where it stands.</param>
    /// <param name="sink">Takes what it is cut into, in order.</param>
    public abstract void Split(ReadOnlySpan<char> text, Piece piece, PieceSink sink);
}
