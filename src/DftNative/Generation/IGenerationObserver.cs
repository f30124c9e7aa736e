namespace DftNative.Generation;

/// <summary>Told what a generator draws, on the thread that runs it.</summary>
public interface IGenerationObserver
{
    /// <summary>A token was drawn.</summary>
    /// <param name="index">The sequence's number among the requests.</param>
    /// <param name="token">The token.</param>
    /// <param name="text">What is certain to follow in the sequence's text; empty while a character or a stop string may be incomplete, and without a tokenizer.</param>
    void OnToken(int index, int token, string text);

    /// <summary>A sequence ended.</summary>
    /// <param name="index">Its number among the requests.</param>
    /// <param name="sequence">The whole of it.</param>
    void OnFinished(int index, GeneratedSequence sequence);
}
