using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// The printable characters that stand for bytes in a byte-level vocabulary (GPT-2's bytes_to_unicode): printable
/// Latin-1 bytes stand for themselves, the others for U+0100 and up, in order.
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] Characters = new char[256];
    private static readonly short[] Bytes = new short[0x144];

    static ByteLevelAlphabet()
    {
        Array.Fill(Bytes, (short)-1);
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            Characters[value] = (char)(isPrintable ? value : next++);
            Bytes[Characters[value]] = (short)value;
        }
    }

    /// <summary>The character that stands for <paramref name="value"/>.</summary>
    public static char ToCharacter(byte value) => Characters[value];

    /// <summary>The bytes that a token of the vocabulary stands for; a token with another character is its own text.</summary>
    public static byte[] ToBytes(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (token[i] >= Bytes.Length || Bytes[token[i]] < 0) return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)Bytes[token[i]];
        }

        return bytes;
    }
}
