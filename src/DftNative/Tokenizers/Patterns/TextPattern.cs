namespace DftNative.Tokenizers;

/// <summary>Something that is looked for in text.</summary>
internal abstract class TextPattern
{
    /// <summary>Finds the next match that is not empty.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="position">Where to begin looking; look-behind sees what is before.</param>
    /// <param name="start">The match's first char.</param>
    /// <param name="end">One past its last.</param>
    public abstract bool TryFind(ReadOnlySpan<char> text, int position, out int start, out int end);

    /// <summary>The text with every match replaced.</summary>
    public string Replace(string text, string replacement)
    {
        if (!TryFind(text, 0, out var start, out var end)) return text;
        var result = new System.Text.StringBuilder(text.Length + 16);
        var position = 0;
        do
        {
            result.Append(text, position, start - position).Append(replacement);
            position = end;
        }
        while (TryFind(text, position, out start, out end));
        return result.Append(text, position, text.Length - position).ToString();
    }
}
