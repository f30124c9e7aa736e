namespace DftNative.Tokenizers;

/// <summary>Receives the words that a <see cref="PreTokenizer"/> cuts.</summary>
/// <param name="word">The word; valid during the call.</param>
/// <param name="start">Where it begins in the text; −1 where it begins with a space that was put before the text.</param>
internal delegate void WordAction(ReadOnlySpan<char> word, int start);

/// <summary>Cuts normalized text into words: splitters one inside the other, then ByteLevel.</summary>
/// <param name="splitters">Each cuts the words of the one before.</param>
/// <param name="byteLevelSplitter">What ByteLevel itself cuts by; null without <c>use_regex</c>.</param>
/// <param name="addsPrefixSpace">Whether ByteLevel puts a space before a word that does not begin with one.</param>
internal sealed class PreTokenizer(IReadOnlyList<Splitter> splitters, Splitter? byteLevelSplitter, bool addsPrefixSpace)
{
    /// <summary>Calls <paramref name="action"/> for every word, in order.</summary>
    public void Split(ReadOnlySpan<char> text, WordAction action) => Split(text, 0, 0, action);

    private void Split(ReadOnlySpan<char> text, int origin, int level, WordAction action)
    {
        if (level == splitters.Count)
        {
            SplitByteLevel(text, origin, action);
            return;
        }

        for (int start = 0, end; start < text.Length; start = end)
        {
            end = splitters[level].FindEnd(text, start);
            Split(text[start..end], origin + start, level + 1, action);
        }
    }

    private void SplitByteLevel(ReadOnlySpan<char> text, int origin, WordAction action)
    {
        if (addsPrefixSpace && text.Length > 0 && text[0] != ' ')
        {
            text = " " + text.ToString();
            origin--;
        }

        if (byteLevelSplitter is null)
        {
            if (text.Length > 0) action(text, origin);
            return;
        }

        for (int start = 0, end; start < text.Length; start = end)
        {
            end = byteLevelSplitter.FindEnd(text, start);
            action(text[start..end], origin + start);
        }
    }
}
