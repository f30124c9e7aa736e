namespace DftNative.Tokenizers;

/// <summary>Cuts text into words, as a <c>Split</c> pre-tokeniser with behaviour <c>Isolated</c> and a pattern that matches everywhere.</summary>
internal abstract class Splitter
{
    /// <summary>Where the word that begins at <paramref name="start"/> ends; more than start.</summary>
    /// <param name="text">Well-formed UTF-16. Look-ahead sees all of it.</param>
    /// <param name="start">Less than the text's length.</param>
    public abstract int FindEnd(ReadOnlySpan<char> text, int start);

    /// <summary>
    /// The end of what <c>\s+(?!\S)|\s+</c> matches: a run of white space, without its last character where something
    /// follows, which then begins the next word.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The first white space character.</param>
    /// <param name="runEnd">The end of the run.</param>
    protected static int TrimLastSpace(ReadOnlySpan<char> text, int start, int runEnd) =>
        runEnd == text.Length || runEnd - start == 1 ? runEnd : runEnd - 1;
}
