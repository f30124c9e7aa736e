using System.Buffers;
using System.Collections.Concurrent;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): a word's bytes are merged pair by pair,
/// the lowest rank first, the leftmost among equals. Safe to use from several threads.
/// </summary>
internal sealed class BytePairModel
{
    /// <summary>Up to this many bytes the next merge is found by looking at all pairs; beyond it, by a heap.</summary>
    private const int ShortWord = 64;

    private readonly Dictionary<string, int> vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> vocabularyBySpan;
    private readonly MergeTable merges;
    private readonly int[] byteIds = new int[256];
    private readonly int? unknownId;
    private readonly bool fusesUnknown;
    private readonly bool ignoresMerges;
    private readonly ConcurrentBag<WordCache> caches = [];

    /// <summary>Makes the model.</summary>
    /// <param name="vocabulary">Ids by token, in the byte-level alphabet.</param>
    /// <param name="merges">The merges of these ids.</param>
    /// <param name="unknownId">What a byte without a token becomes; null: nothing.</param>
    /// <param name="fusesUnknown">Whether adjacent unknown bytes become one token.</param>
    /// <param name="ignoresMerges">Whether a word that is itself a token is not built by merges.</param>
    public BytePairModel(Dictionary<string, int> vocabulary, MergeTable merges, int? unknownId, bool fusesUnknown, bool ignoresMerges)
    {
        (this.vocabulary, this.merges, this.unknownId, this.fusesUnknown, this.ignoresMerges) = (vocabulary, merges, unknownId, fusesUnknown, ignoresMerges);
        vocabularyBySpan = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var value = 0; value < 256; value++)
            byteIds[value] = vocabulary.TryGetValue(ByteLevelAlphabet.ToCharacter((byte)value).ToString(), out var id) ? id : -1;
    }

    /// <summary>Ids by token.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary => vocabulary;

    /// <summary>Borrows a cache; give it back with <see cref="Return"/>.</summary>
    public WordCache Rent() => caches.TryTake(out var cache) ? cache : new WordCache();

    /// <summary>Gives a cache back.</summary>
    public void Return(WordCache cache) => caches.Add(cache);

    /// <summary>The ids of one word.</summary>
    /// <param name="word">Well-formed UTF-16.</param>
    /// <param name="cache">A cache that no other thread uses now.</param>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word, WordCache cache)
    {
        if (cache.TryGet(word, out var known)) return known;
        var ids = EncodeUncached(word);
        cache.Add(word, ids);
        return ids;
    }

    private int[] EncodeUncached(ReadOnlySpan<char> word)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(word.Length));
        var symbols = ArrayPool<int>.Shared.Rent(bytes.Length);
        try
        {
            var utf8 = bytes.AsSpan(0, Encoding.UTF8.GetBytes(word, bytes));
            if (ignoresMerges && TryFindWhole(utf8, out var whole)) return [whole];
            var count = ToSymbols(utf8, symbols);
            count = count <= ShortWord ? MergeShort(symbols.AsSpan(0, count)) : MergeLong(symbols.AsSpan(0, count));
            return symbols.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<int>.Shared.Return(symbols);
        }
    }

    private bool TryFindWhole(ReadOnlySpan<byte> utf8, out int id)
    {
        id = 0;
        if (utf8.Length > 1024) return false;
        Span<char> token = stackalloc char[utf8.Length];
        for (var i = 0; i < utf8.Length; i++) token[i] = ByteLevelAlphabet.ToCharacter(utf8[i]);
        return vocabularyBySpan.TryGetValue(token, out id);
    }

    private int ToSymbols(ReadOnlySpan<byte> utf8, Span<int> symbols)
    {
        var count = 0;
        var isAfterUnknown = false;
        foreach (var value in utf8)
        {
            var id = byteIds[value];
            var isUnknown = id < 0;
            if (isUnknown)
            {
                if (unknownId is null || (fusesUnknown && isAfterUnknown)) continue;
                id = unknownId.Value;
            }

            symbols[count++] = id;
            isAfterUnknown = isUnknown;
        }

        return count;
    }

    private int MergeShort(Span<int> symbols)
    {
        Span<ulong> candidates = stackalloc ulong[ShortWord];
        var count = symbols.Length;
        for (var i = 0; i + 1 < count; i++) candidates[i] = merges.Find(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
                if (candidates[i] < candidates[best]) best = i;
            if (candidates[best] == MergeTable.None) break;
            symbols[best] = (int)(uint)candidates[best];
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 1 < count)
            {
                candidates[(best + 2)..count].CopyTo(candidates[(best + 1)..]);
                candidates[best] = merges.Find(symbols[best], symbols[best + 1]);
            }

            if (best > 0) candidates[best - 1] = merges.Find(symbols[best - 1], symbols[best]);
        }

        return count;
    }

    /// <summary>A linked list of symbols and a heap of (rank, position): n log n for a word of any length.</summary>
    private int MergeLong(Span<int> symbols)
    {
        const int Removed = -1;
        var next = new int[symbols.Length];
        var previous = new int[symbols.Length];
        var queue = new PriorityQueue<int, ulong>(symbols.Length);
        for (var i = 0; i < symbols.Length; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            if (i + 1 < symbols.Length) Enqueue(queue, i, merges.Find(symbols[i], symbols[i + 1]));
        }

        while (queue.TryDequeue(out var left, out var priority))
        {
            if (symbols[left] == Removed || next[left] == symbols.Length) continue;
            var right = next[left];
            var merge = merges.Find(symbols[left], symbols[right]);

            // An entry outlives its pair; the rank tells whether the pair is still the one it was made for.
            if (merge == MergeTable.None || merge >> 32 != priority >> 32) continue;
            symbols[left] = (int)(uint)merge;
            symbols[right] = Removed;
            next[left] = next[right];
            if (next[left] < symbols.Length)
            {
                previous[next[left]] = left;
                Enqueue(queue, left, merges.Find(symbols[left], symbols[next[left]]));
            }

            if (previous[left] >= 0) Enqueue(queue, previous[left], merges.Find(symbols[previous[left]], symbols[left]));
        }

        var count = 0;
        foreach (var symbol in symbols)
            if (symbol != Removed) symbols[count++] = symbol;
        return count;
    }

    private static void Enqueue(PriorityQueue<int, ulong> queue, int position, ulong merge)
    {
        if (merge != MergeTable.None) queue.Enqueue(position, merge & 0xFFFFFFFF_00000000 | (uint)position);
    }
}
