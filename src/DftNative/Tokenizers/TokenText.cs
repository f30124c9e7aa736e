using System.Buffers;
using System.Globalization;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Tokens one by one, for people.</summary>
public static class TokenText
{
    /// <summary>A token as one piece of a line: controls and bytes that are part of a character are escaped.</summary>
    /// <param name="tokenizer">Null: there is none, and the id stands for the token.</param>
    /// <param name="id">Any.</param>
    /// <param name="keepsLineFeeds">Line feeds stay as they are, for a text of several lines.</param>
    public static string Show(Tokenizer? tokenizer, int id, bool keepsLineFeeds = false)
    {
        if (tokenizer is null || tokenizer.IdToToken(id) is null) return id.ToString(CultureInfo.InvariantCulture);
        ReadOnlySpan<byte> bytes = tokenizer.GetTokenBytes(id);
        var text = new StringBuilder();
        while (bytes.Length > 0)
        {
            var isWhole = Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done;
            if (!isWhole)
                foreach (var value in bytes[..length]) text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
            else if (rune.Value == '\n')
                text.Append(keepsLineFeeds ? "\n" : "\\n");
            else if (Rune.IsControl(rune))
                text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}");
            else
                text.Append(rune.ToString());
            bytes = bytes[length..];
        }

        return text.ToString();
    }
}
