using DftNative.Generation;
using DftNative.Train.Progress;

namespace DftNative.Tests.CommandLine;

/// <summary>What a terminal shows of answers that are drawn at the same time.</summary>
public sealed class TerminalCompletionsTests
{
    [Test]
    public void OneAnswerIsStreamedAlone()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var completions = new TerminalCompletions(output, 1);
        completions.OnToken(0, 1, "a");
        Assert.That(output.ToString(), Is.EqualTo("a"));
        completions.OnToken(0, 2, "b");
        completions.OnFinished(0, Sequence(FinishReason.Length));
        Assert.That(output.ToString(), Is.EqualTo("ab\n"));
    }

    /// <summary>The first that is not finished is shown as it is drawn; the others wait for their turn, finished or not.</summary>
    [Test]
    public void SeveralAnswersComeInTheirOrder()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var completions = new TerminalCompletions(output, 3);
        completions.OnToken(0, 1, "a");
        completions.OnToken(1, 1, "b");
        completions.OnToken(2, 1, "c");
        completions.OnFinished(2, Sequence(FinishReason.Length));
        completions.OnToken(0, 1, "A");
        Assert.That(output.ToString(), Is.EqualTo("--- sample 1\naA"));
        completions.OnFinished(0, Sequence(FinishReason.StopToken));
        Assert.That(output.ToString(), Is.EqualTo("--- sample 1\naA\n--- sample 2\nb"));
        completions.OnToken(1, 1, "B");
        Assert.That(output.ToString(), Does.EndWith("bB"));
        completions.OnFinished(1, Sequence(FinishReason.StopToken));
        Assert.That(output.ToString(), Is.EqualTo("--- sample 1\naA\n--- sample 2\nbB\n--- sample 3\nc\n--- sample 3 was cut off\n"));
    }

    private static GeneratedSequence Sequence(FinishReason reason) => new([1], reason) { Text = "" };
}
