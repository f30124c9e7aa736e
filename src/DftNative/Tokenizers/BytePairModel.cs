using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// Byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): a word's symbols are merged pair by pair, the lowest
/// rank first, the leftmost among equals. The symbols are bytes (byte-level BPE) or characters, perhaps with byte
/// fallback (SentencePiece's BPE). Safe to use from several threads.
/// </summary>
internal sealed class BytePairModel
{
    private readonly MergeTable merges;
    private readonly BytePairOptions options;
    private readonly bool isByteLevel;
    private readonly int? unknownId;

    /// <summary>Ids of bytes: byte-level tokens, or those that a character falls back to.</summary>
    private readonly int[] byteIds = new int[256];

    /// <summary>Ids of the characters of the Basic Multilingual Plane; empty where symbols are bytes.</summary>
    private readonly int[] characterIds = [];

    private readonly ConcurrentBag<WordCache> caches = [];

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">Ids by token; in the byte-level alphabet where symbols are bytes.</param>
    /// <param name="merges">The merges of these ids.</param>
    /// <param name="options">What a word begins with.</param>
    /// <param name="isByteLevel">Whether symbols are bytes.</param>
    public BytePairModel(Vocabulary vocabulary, MergeTable merges, BytePairOptions options, bool isByteLevel)
    {
        (Vocabulary, this.merges, this.options, this.isByteLevel) = (vocabulary, merges, options, isByteLevel);
        unknownId = options.UnknownToken is { } unknown ? vocabulary.Find(unknown) : null;
        for (var value = 0; value < 256; value++)
            byteIds[value] = vocabulary.Find(isByteLevel ? ByteLevelAlphabet.ToCharacter((byte)value).ToString() : ByteFallbackToken.Of(value)) ?? -1;
        if (isByteLevel) return;
        characterIds = new int[0x10000];
        Array.Fill(characterIds, -1);
        for (var id = 0; id < vocabulary.IdLimit; id++)
        {
            var token = vocabulary.Utf8Of(id);
            if (token.Length is > 0 and < 4 && Rune.DecodeFromUtf8(token, out var rune, out var length) == OperationStatus.Done && length == token.Length)
                characterIds[rune.Value] = id;
        }
    }

    /// <summary>Ids by token.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Borrows a cache; give it back with <see cref="Return"/>.</summary>
    public WordCache Rent() => caches.TryTake(out var cache) ? cache : new WordCache();

    /// <summary>Gives a cache back.</summary>
    public void Return(WordCache cache) => caches.Add(cache);

    /// <summary>The ids of one word.</summary>
    /// <param name="word">Well-formed UTF-16, not empty.</param>
    /// <param name="cache">A cache that no other thread uses now.</param>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word, WordCache cache) => cache.Find(word) ?? cache.Add(word, EncodeUncached(word));

    /// <summary>How many bytes of a word (in UTF-8) a token of it stands for; 0 for the unknown token, which does not tell.</summary>
    public int ByteLengthOf(int id)
    {
        if (id == unknownId) return 0;
        var token = Vocabulary.Utf8Of(id);
        if (!isByteLevel) return options.FallsBackToBytes && token.Length == 6 && byteIds.Contains(id) ? 1 : token.Length;
        return Encoding.UTF8.GetCharCount(token);
    }

    private int[] EncodeUncached(ReadOnlySpan<char> word)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        var symbols = ArrayPool<int>.Shared.Rent(bytes.Length);
        try
        {
            var utf8 = bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes));
            if (options.IgnoresMerges && FindWhole(utf8) is >= 0 and var whole) return [whole];
            var start = new WordSymbols(options, unknownId) { Ids = symbols };
            if (isByteLevel)
                AddBytes(utf8, ref start);
            else
                AddCharacters(word, ref start);
            start.Flush();
            var count = PairMerger.Merge(symbols.AsSpan(0, start.Count), merges);
            return symbols.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<int>.Shared.Return(symbols);
        }
    }

    private int FindWhole(ReadOnlySpan<byte> utf8)
    {
        if (!isByteLevel) return Vocabulary.Find(utf8);
        if (utf8.Length > 512) return -1;
        Span<char> token = stackalloc char[utf8.Length];
        for (var i = 0; i < utf8.Length; i++) token[i] = ByteLevelAlphabet.ToCharacter(utf8[i]);
        Span<byte> key = stackalloc byte[2 * utf8.Length];
        return Vocabulary.Find(key[..Encoding.UTF8.GetBytes(token, key)]);
    }

    private void AddBytes(ReadOnlySpan<byte> utf8, ref WordSymbols symbols)
    {
        foreach (var value in utf8)
        {
            if (byteIds[value] is >= 0 and var id)
                symbols.Add(id);
            else
                symbols.AddUnknown();
        }
    }

    private void AddCharacters(ReadOnlySpan<char> word, ref WordSymbols symbols)
    {
        Span<byte> utf8 = stackalloc byte[4];
        Span<int> fallback = stackalloc int[4];
        foreach (var rune in word.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            var id = rune.IsBmp ? characterIds[rune.Value] : Vocabulary.Find(utf8[..length]);
            if (id >= 0)
                symbols.Add(id);
            else if (options.FallsBackToBytes && FindBytes(utf8[..length], fallback))
                symbols.AddBytes(fallback[..length]);
            else
                symbols.AddUnknown();
        }
    }

    private bool FindBytes(ReadOnlySpan<byte> utf8, Span<int> ids)
    {
        for (var i = 0; i < utf8.Length; i++)
            if ((ids[i] = byteIds[utf8[i]]) < 0) return false;
        return true;
    }
}
