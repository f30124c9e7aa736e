using System.Text;

namespace DftNative.Tokenizers;

/// <summary>Code points that differ in case only.</summary>
internal static class CaseFolding
{
    /// <summary>A code point and its other cases, by Unicode's simple case folding.</summary>
    public static IEnumerable<int> VariantsOf(int code)
    {
        yield return code;
        if (!Rune.TryCreate(code, out var rune)) yield break;
        var (lower, upper) = (Rune.ToLowerInvariant(rune).Value, Rune.ToUpperInvariant(rune).Value);
        if (lower != code) yield return lower;
        if (upper != code) yield return upper;

        // Two lower-case letters of one upper-case letter, and signs that are letters.
        foreach (var group in Irregular)
        {
            if (!group.Contains(code)) continue;
            foreach (var other in group)
                if (other != code) yield return other;
        }
    }

    private static readonly int[][] Irregular =
    [
        ['s', 'S', 0x17F], ['k', 'K', 0x212A], [0xE5, 0xC5, 0x212B], [0x3C9, 0x3A9, 0x2126], [0xB5, 0x3BC, 0x39C],
        [0x3B2, 0x392, 0x3D0], [0x3B5, 0x395, 0x3F5], [0x3B8, 0x398, 0x3D1, 0x3F4], [0x3BA, 0x39A, 0x3F0], [0x3C0, 0x3A0, 0x3D6],
        [0x3C1, 0x3A1, 0x3F1], [0x3C3, 0x3A3, 0x3C2], [0x3C6, 0x3A6, 0x3D5], [0x3B9, 0x399, 0x345, 0x1FBE], [0x1E61, 0x1E60, 0x1E9B], [0xDF, 0x1E9E],
    ];
}
