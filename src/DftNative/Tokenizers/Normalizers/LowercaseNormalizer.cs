using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Unicode's lower case, letter by letter.</summary>
internal sealed class LowercaseNormalizer : TextNormalizer
{
    /// <summary>The one letter whose lower case is two code points whatever stands beside it.</summary>
    private const int CapitalIWithDot = 0x130;

    /// <inheritdoc/>
    public override string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<char> units = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == CapitalIWithDot)
                result.Append("i\u0307");
            else
                result.Append(units[..Rune.ToLowerInvariant(rune).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }
}
