namespace DftNative.Generation;

/// <summary>Keeps the finished sequences in the order of their requests.</summary>
/// <param name="count">How many requests there are.</param>
internal sealed class ResultCollector(int count) : IGenerationObserver
{
    public GeneratedSequence[] Sequences { get; } = new GeneratedSequence[count];

    public void OnToken(int index, int token, string text) { }

    public void OnFinished(int index, GeneratedSequence sequence) => Sequences[index] = sequence;
}
