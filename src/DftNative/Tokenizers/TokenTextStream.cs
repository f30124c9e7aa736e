using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// The text of tokens that come one at a time: all pieces together are what <see cref="Tokenizer.Decode"/> makes of all
/// tokens with special ones left out. A character of several tokens comes with its last.
/// </summary>
public sealed class TokenTextStream
{
    /// <summary>Tokens that a character may take; what is not one by then will not become one.</summary>
    private const int MaxPending = 8;

    private readonly Tokenizer tokenizer;
    private readonly Decoder? utf8;
    private readonly List<int> window = [];
    private readonly char[] characters = new char[256];
    private int readCount;

    /// <summary>An empty text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    public TokenTextStream(Tokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        utf8 = tokenizer.DecodesToBytes ? Encoding.UTF8.GetDecoder() : null;
    }

    /// <summary>Adds a token.</summary>
    /// <returns>The text that is certain now and was not before.</returns>
    public string Append(int token)
    {
        if (tokenizer.IsSpecial(token)) return "";
        return utf8 is null ? AppendToWindow(token) : Convert(tokenizer.GetTokenBytes(token), flush: false);
    }

    /// <summary>The text of bytes that wait for what follows them, if nothing did; empty where none wait, or where bytes are characters one by one.</summary>
    public string Waiting => utf8 is null && window.Count > readCount ? Pending() : "";

    /// <summary>Ends the text.</summary>
    /// <returns>What is left: an incomplete character as U+FFFD.</returns>
    public string Complete() => utf8 is null ? Pending() : Convert([], flush: true);

    private string Convert(byte[] bytes, bool flush)
    {
        var text = new StringBuilder();
        var start = 0;
        bool completed;
        do
        {
            utf8!.Convert(bytes.AsSpan(start), characters, flush, out var used, out var written, out completed);
            text.Append(characters, 0, written);
            start += used;
        }
        while (!completed);
        return text.ToString();
    }

    /// <summary>
    /// Decoders that look at neighbours: the text of a few tokens more than are read, less the text of those alone, so
    /// that the begin of the text is decoded only once as a begin.
    /// </summary>
    private string AppendToWindow(int token)
    {
        window.Add(token);

        // Bytes next to each other are decoded together, and one that fits in nowhere spoils them all: they wait for what is none.
        if (tokenizer.IdToToken(token) is { } text && ByteFallbackToken.Parse(text) is not null) return "";
        var piece = Pending();
        if (piece.Length == 0 || (piece[^1] == '\uFFFD' && window.Count - readCount < MaxPending)) return "";
        window.RemoveRange(0, readCount);
        readCount = window.Count;
        return piece;
    }

    private string Pending() => tokenizer.Decode(window)[tokenizer.Decode(window[..readCount]).Length..];
}
