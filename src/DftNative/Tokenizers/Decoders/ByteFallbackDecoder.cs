using System.Text;
using System.Text.Unicode;

namespace DftNative.Tokenizers;

/// <summary>Joins runs of byte tokens to text; a run that is not UTF-8 becomes a U+FFFD for every byte.</summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    /// <inheritdoc/>
    public override List<string> Decode(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteFallbackToken.Parse(token) is { } value)
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, result);
            result.Add(token);
        }

        Flush(bytes, result);
        return result;
    }

    private static void Flush(List<byte> bytes, List<string> result)
    {
        if (bytes.Count == 0) return;
        byte[] run = [.. bytes];
        result.Add(Utf8.IsValid(run) ? Encoding.UTF8.GetString(run) : new string('\uFFFD', run.Length));
        bytes.Clear();
    }
}
