using System.Text;
using DftNative.Generation;

namespace DftNative.Train.Progress;

/// <summary>
/// Writes answers in their order, each as it is drawn; of several each stands below a line that says which. Those behind
/// the first unfinished one wait, and come as far as they are when it is their turn.
/// </summary>
/// <param name="output">The terminal.</param>
/// <param name="samples">How many answers there are.</param>
internal sealed class TerminalCompletions(TextWriter output, int samples) : IGenerationObserver
{
    private readonly StringBuilder?[] waiting = new StringBuilder?[samples];
    private readonly GeneratedSequence?[] finished = new GeneratedSequence?[samples];
    private int current = -1;

    /// <inheritdoc/>
    public void OnToken(int index, int token, string text)
    {
        if (current < 0) Begin(0);
        if (text.Length == 0) return;
        if (index == current)
        {
            output.Write(text);
            output.Flush();
        }
        else
        {
            (waiting[index] ??= new StringBuilder()).Append(text);
        }
    }

    /// <inheritdoc/>
    public void OnFinished(int index, GeneratedSequence sequence)
    {
        finished[index] = sequence;
        while (current < samples && finished[current] is { } whole)
        {
            finished[current] = null;
            output.WriteLine();
            if (samples > 1 && !whole.Stopped) output.WriteLine($"--- sample {current + 1} was cut off");
            Begin(current + 1);
        }
    }

    private void Begin(int index)
    {
        current = index;
        if (index == samples) return;
        if (samples > 1) output.WriteLine($"--- sample {index + 1}");
        output.Write(waiting[index]);
        output.Flush();
        waiting[index] = null;
    }
}
