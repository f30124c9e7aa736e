namespace DftNative.Tokenizers;

/// <summary>Applies merges to a word's symbols, in place.</summary>
internal static class PairMerger
{
    /// <summary>Up to this many symbols the next merge is found by looking at all pairs; beyond it, by a heap.</summary>
    private const int ShortWord = 64;

    /// <summary>Merges until no pair does; the symbols that are left, in front.</summary>
    /// <param name="symbols">Ids.</param>
    /// <param name="merges">Of these ids.</param>
    /// <returns>How many are left.</returns>
    public static int Merge(Span<int> symbols, MergeTable merges) =>
        symbols.Length <= ShortWord ? MergeShort(symbols, merges) : MergeLong(symbols, merges);

    private static int MergeShort(Span<int> symbols, MergeTable merges)
    {
        Span<ulong> candidates = stackalloc ulong[ShortWord];
        var count = symbols.Length;
        for (var i = 0; i + 1 < count; i++) candidates[i] = merges.Find(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
                if (candidates[i] >> 32 < candidates[best] >> 32) best = i;
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
    private static int MergeLong(Span<int> symbols, MergeTable merges)
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
