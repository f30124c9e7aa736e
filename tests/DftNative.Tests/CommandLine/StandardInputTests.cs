using DftNative.Train.Commands;

namespace DftNative.Tests.CommandLine;

public sealed class StandardInputTests
{
    [TestCase("", "")]
    [TestCase("12+34=", "12+34=")]
    [TestCase("12+34=\n", "12+34=")]
    [TestCase("a\r\nb\n\n", "a\nb\n")]
    public void TheLineFeedThatEndsTheLastLineIsNotOfThePrompt(string input, string prompt)
    {
        using var reader = new StringReader(input);
        Assert.That(StandardInput.ReadText(reader), Is.EqualTo(prompt));
    }
}
