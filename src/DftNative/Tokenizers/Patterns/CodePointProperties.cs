using System.Globalization;

namespace DftNative.Tokenizers;

/// <summary>The Unicode properties that patterns name: general categories, scripts, and POSIX classes.</summary>
internal static class CodePointProperties
{
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Dictionary<string, string> LongNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Letter"] = "L",
        ["Mark"] = "M",
        ["Number"] = "N",
        ["Punctuation"] = "P",
        ["Punct"] = "P",
        ["Symbol"] = "S",
        ["Separator"] = "Z",
        ["Other"] = "C",
        ["Digit"] = "Nd",
        ["Uppercase_Letter"] = "Lu",
        ["Lowercase_Letter"] = "Ll",
        ["Decimal_Number"] = "Nd",
        ["Cntrl"] = "Cc",
    };

    /// <summary>The property of a name, or null.</summary>
    public static Func<int, bool>? Find(string name)
    {
        if (LongNames.TryGetValue(name, out var shortName)) name = shortName;
        var wanted = new bool[Categories.Length];
        for (var i = 0; i < Categories.Length; i++)
            wanted[i] = string.Equals(Categories[i], name, StringComparison.OrdinalIgnoreCase) || (name.Length == 1 && char.ToUpperInvariant(name[0]) == Categories[i][0]);
        if (wanted.Contains(true)) return code => wanted[(int)CharUnicodeInfo.GetUnicodeCategory(code)];
        return name.ToUpperInvariant() switch
        {
            "SPACE" or "WHITE_SPACE" => CodePoints.IsWhiteSpace,
            "WORD" => CodePoints.IsWord,
            "ANY" => static _ => true,
            "ASCII" => static code => code < 128,
            "ALNUM" => static code => IsAlphabetic(code) || CharUnicodeInfo.GetUnicodeCategory(code) == UnicodeCategory.DecimalDigitNumber,
            "ALPHA" or "ALPHABETIC" => IsAlphabetic,
            "BLANK" => static code => code == '\t' || CharUnicodeInfo.GetUnicodeCategory(code) == UnicodeCategory.SpaceSeparator,
            "XDIGIT" => static code => code < 128 && char.IsAsciiHexDigit((char)code),
            _ => FindScript(name),
        };
    }

    /// <summary>Letters and the like: what a word holds besides digits, connectors and joiners.</summary>
    private static bool IsAlphabetic(int code) =>
        CodePoints.IsWord(code) && CharUnicodeInfo.GetUnicodeCategory(code) is not (UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.Format);

    private static Func<int, bool>? FindScript(string name)
    {
        var index = Array.FindIndex(UnicodeScripts.Names, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
        if (index < 0) return null;
        var ranges = UnicodeScripts.RangesOf(index).ToArray();
        return code =>
        {
            var place = Array.BinarySearch(ranges, code);

            // Ranges alternate first and last: between a first and its last the complement of the place is odd.
            return place >= 0 || (~place & 1) != 0;
        };
    }
}
