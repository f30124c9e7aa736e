using DftNative.Generation;

namespace DftNative.Train.Progress;

/// <summary>Writes one answer as it is drawn, or several as they end, each below a line that says which.</summary>
/// <param name="output">The terminal.</param>
/// <param name="samples">How many answers there are.</param>
internal sealed class TerminalCompletions(TextWriter output, int samples) : IGenerationObserver
{
    public void OnToken(int index, int token, string text)
    {
        if (samples > 1 || text.Length == 0) return;
        output.Write(text);
        output.Flush();
    }

    public void OnFinished(int index, GeneratedSequence sequence)
    {
        if (samples > 1)
        {
            output.WriteLine($"--- sample {index + 1}{(sequence.Stopped ? "" : " (cut off)")}");
            output.Write(sequence.Text);
        }

        output.WriteLine();
    }
}
