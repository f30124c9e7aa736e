using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// The Unicode normalization forms (UAX 15), from tables of our own: with InvariantGlobalization
/// <see cref="string.Normalize()"/> returns its input unchanged. The tables are of Unicode 9.0, as those of Hugging Face's
/// tokenizers, so that ids are the same; younger characters are left as they are.
/// </summary>
internal sealed class UnicodeNormalizer : TextNormalizer
{
    private const int HangulSyllables = 0xAC00, HangulSyllableCount = 11172;
    private const int LeadingJamo = 0x1100, LeadingCount = 19;
    private const int VowelJamo = 0x1161, VowelCount = 21;
    private const int TrailingJamo = 0x11A7, TrailingCount = 28;

    private const int TableLimit = 0x30000;

    private static readonly byte[] Classes = ReadClasses();
    private static readonly Dictionary<(int First, int Second), int> Compositions = ReadCompositions();

    private readonly bool composes;
    private readonly Dictionary<int, int[]> decompositions = [];

    /// <summary>Bit c: code point c may change, move or compose with what stands before it.</summary>
    private readonly ulong[] unstable = new ulong[TableLimit / 64];

    /// <summary>Below it every character is its own normal form and begins a new sequence.</summary>
    private readonly int firstUnstable;

    private UnicodeNormalizer(bool isCompatibility, bool composes)
    {
        this.composes = composes;
        var canonical = NormalizationTables.Decompositions;
        for (var i = 0; i < canonical.Length; i += 3)
        {
            var code = canonical[i] & ~NormalizationTables.NeverRecomposed;
            decompositions.Add(code, canonical[i + 2] == 0 ? [canonical[i + 1]] : [canonical[i + 1], canonical[i + 2]]);
            if (!composes || code != canonical[i]) MarkUnstable(code);
            if (composes && code == canonical[i]) MarkUnstable(canonical[i + 2]);
        }

        if (isCompatibility) AddCompatibility();
        for (var code = 0; code < TableLimit; code++)
            if (Classes[code] != 0) MarkUnstable(code);
        if (composes)
        {
            for (var code = VowelJamo; code < VowelJamo + VowelCount; code++) MarkUnstable(code);
            for (var code = TrailingJamo + 1; code < TrailingJamo + TrailingCount; code++) MarkUnstable(code);
        }
        else
        {
            for (var code = HangulSyllables; code < HangulSyllables + HangulSyllableCount; code++) MarkUnstable(code);
        }

        while (!IsUnstable(firstUnstable)) firstUnstable++;
    }

    /// <summary>Canonical decomposition, then composition.</summary>
    public static UnicodeNormalizer FormC { get; } = new(isCompatibility: false, composes: true);

    /// <summary>Canonical decomposition.</summary>
    public static UnicodeNormalizer FormD => Decomposed.Value;

    /// <summary>Compatibility decomposition, then composition.</summary>
    public static UnicodeNormalizer FormKC => Compatible.Value;

    /// <summary>Compatibility decomposition.</summary>
    public static UnicodeNormalizer FormKD => CompatibleDecomposed.Value;

    private static Lazy<UnicodeNormalizer> Decomposed { get; } = new(() => new UnicodeNormalizer(isCompatibility: false, composes: false));

    private static Lazy<UnicodeNormalizer> Compatible { get; } = new(() => new UnicodeNormalizer(isCompatibility: true, composes: true));

    private static Lazy<UnicodeNormalizer> CompatibleDecomposed { get; } = new(() => new UnicodeNormalizer(isCompatibility: true, composes: false));

    /// <summary>The form of <paramref name="text"/>, which must be well-formed UTF-16; the same string where it is in that form.</summary>
    public override string Normalize(string text)
    {
        var unstable = FindUnstable(text, 0);
        if (unstable < 0) return text;
        var result = new StringBuilder(text.Length + 16);
        var codes = new List<int>();
        var copied = 0;
        while (unstable >= 0)
        {
            // What is unstable can compose with the one character before it, and so on until the next stable one.
            var start = unstable == copied ? unstable : PreviousStart(text, unstable);
            result.Append(text, copied, start - copied);
            var end = start;
            codes.Clear();
            while (end < text.Length)
            {
                Rune.DecodeFromUtf16(text.AsSpan(end), out var rune, out var length);
                if (end > start && !IsUnstable(rune.Value)) break;
                Decompose(rune.Value, codes);
                end += length;
            }

            Reorder(codes);
            if (composes)
                Compose(codes, result);
            else
                Append(codes, codes.Count, result);
            copied = end;
            unstable = FindUnstable(text, end);
        }

        return result.Append(text, copied, text.Length - copied).ToString();
    }

    private static byte[] ReadClasses()
    {
        var result = new byte[TableLimit];
        var classes = NormalizationTables.CombiningClasses;
        for (var i = 0; i < classes.Length; i += 3) result.AsSpan(classes[i]..(classes[i + 1] + 1)).Fill((byte)classes[i + 2]);
        return result;
    }

    private static Dictionary<(int First, int Second), int> ReadCompositions()
    {
        var result = new Dictionary<(int, int), int>();
        var canonical = NormalizationTables.Decompositions;
        for (var i = 0; i < canonical.Length; i += 3)
            if ((canonical[i] & NormalizationTables.NeverRecomposed) == 0) result.Add((canonical[i + 1], canonical[i + 2]), canonical[i]);
        return result;
    }

    private void AddCompatibility()
    {
        var table = NormalizationTables.CompatibilityDecompositions;
        for (var i = 0; i < table.Length; i += 2 + table[i + 1])
        {
            decompositions.Add(table[i], table.Slice(i + 2, table[i + 1]).ToArray());
            MarkUnstable(table[i]);
        }

        // What decomposes canonically into such a character does not stay as it is either.
        bool hasChanged;
        do
        {
            hasChanged = false;
            var canonical = NormalizationTables.Decompositions;
            for (var i = 0; i < canonical.Length; i += 3)
            {
                var code = canonical[i] & ~NormalizationTables.NeverRecomposed;
                if (IsUnstable(code) || !HasCompatibility(canonical[i + 1])) continue;
                MarkUnstable(code);
                hasChanged = true;
            }
        }
        while (hasChanged);

        bool HasCompatibility(int code) => decompositions.TryGetValue(code, out var parts) && (IsUnstable(code) || parts.Any(HasCompatibility));
    }

    private void MarkUnstable(int code) => unstable[code >> 6] |= 1UL << code;

    private bool IsUnstable(int code) => code < TableLimit && (unstable[code >> 6] >> code & 1) != 0;

    private static int ClassOf(int code) => code < TableLimit ? Classes[code] : 0;

    private static int PreviousStart(string text, int index) =>
        index >= 2 && char.IsLowSurrogate(text[index - 1]) ? index - 2 : index - 1;

    private int FindUnstable(string text, int start)
    {
        while (true)
        {
            var skipped = text.AsSpan(start).IndexOfAnyExceptInRange('\0', (char)(firstUnstable - 1));
            if (skipped < 0) return -1;
            start += skipped;
            Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out var length);
            if (IsUnstable(rune.Value)) return start;
            start += length;
        }
    }

    private void Decompose(int code, List<int> codes)
    {
        if ((uint)(code - HangulSyllables) < HangulSyllableCount)
        {
            var index = code - HangulSyllables;
            codes.Add(LeadingJamo + index / (VowelCount * TrailingCount));
            codes.Add(VowelJamo + index % (VowelCount * TrailingCount) / TrailingCount);
            if (index % TrailingCount != 0) codes.Add(TrailingJamo + index % TrailingCount);
        }
        else if (decompositions.TryGetValue(code, out var parts))
        {
            foreach (var part in parts) Decompose(part, codes);
        }
        else
        {
            codes.Add(code);
        }
    }

    /// <summary>Sorts each run of combining characters by class, stably; a sort of keys, since a run may be as long as the text.</summary>
    private static void Reorder(List<int> codes)
    {
        var start = 0;
        while (start < codes.Count)
        {
            if (ClassOf(codes[start]) == 0)
            {
                start++;
                continue;
            }

            var end = start;
            while (end < codes.Count && ClassOf(codes[end]) != 0) end++;
            if (end - start > 1)
            {
                var keys = new ulong[end - start];
                for (var i = 0; i < keys.Length; i++) keys[i] = (ulong)ClassOf(codes[start + i]) << 32 | (uint)i;
                var run = codes.GetRange(start, keys.Length).ToArray();
                Array.Sort(keys, run);
                for (var i = 0; i < run.Length; i++) codes[start + i] = run[i];
            }

            start = end;
        }
    }

    private static void Compose(List<int> codes, StringBuilder result)
    {
        var starter = -1;
        var lastClass = 0;
        var written = 0;
        for (var i = 0; i < codes.Count; i++)
        {
            var (code, combiningClass) = (codes[i], ClassOf(codes[i]));
            var isBlocked = written - 1 > starter && lastClass >= combiningClass;
            if (starter >= 0 && !isBlocked && TryCompose(codes[starter], code, out var composed))
            {
                codes[starter] = composed;
                continue;
            }

            if (combiningClass == 0) starter = written;
            lastClass = combiningClass;
            codes[written++] = code;
        }

        Append(codes, written, result);
    }

    private static void Append(List<int> codes, int count, StringBuilder result)
    {
        Span<char> units = stackalloc char[2];
        for (var i = 0; i < count; i++) result.Append(units[..new Rune(codes[i]).EncodeToUtf16(units)]);
    }

    private static bool TryCompose(int first, int second, out int composed)
    {
        if ((uint)(first - LeadingJamo) < LeadingCount && (uint)(second - VowelJamo) < VowelCount)
        {
            composed = HangulSyllables + ((first - LeadingJamo) * VowelCount + second - VowelJamo) * TrailingCount;
            return true;
        }

        if ((uint)(first - HangulSyllables) < HangulSyllableCount && (first - HangulSyllables) % TrailingCount == 0
            && (uint)(second - TrailingJamo - 1) < TrailingCount - 1)
        {
            composed = first + second - TrailingJamo;
            return true;
        }

        return Compositions.TryGetValue((first, second), out composed);
    }
}
