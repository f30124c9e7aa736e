using System.Numerics;
using System.Runtime.CompilerServices;

namespace DftNative.Tokenizers;

/// <summary>Byte-pair merges by the pair of ids: an open-addressed hash table, read from many threads.</summary>
internal sealed class MergeTable
{
    /// <summary>What <see cref="Find"/> answers for a pair that does not merge; above every merge.</summary>
    public const ulong None = ulong.MaxValue;

    private ulong[] keys = [];
    private ulong[] values = [];
    private int shift;
    private int count;

    /// <summary>Makes an empty table.</summary>
    /// <param name="capacity">About how many merges it will hold.</param>
    public MergeTable(int capacity) => Allocate(Math.Max(4, 64 - BitOperations.LeadingZeroCount((ulong)capacity * 2)));

    /// <summary>Adds or replaces the merge of two tokens.</summary>
    /// <param name="left">Id of the left token.</param>
    /// <param name="right">Id of the right token.</param>
    /// <param name="rank">The merge's place in the list: lower ones are done first.</param>
    /// <param name="merged">Id of the token that both become.</param>
    public void Set(int left, int right, int rank, int merged)
    {
        Set(Key(left, right), (ulong)(uint)rank << 32 | (uint)merged);
        if (count * 2L > keys.Length) Grow();
    }

    /// <summary>The rank in the upper and the merged id in the lower 32 bits, or <see cref="None"/>.</summary>
    public ulong Find(int left, int right)
    {
        var key = Key(left, right);
        var slot = SlotOf(key);
        return keys[slot] == key ? values[slot] : None;
    }

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private void Allocate(int bits)
    {
        (shift, count) = (64 - bits, 0);
        keys = new ulong[1L << bits];
        values = new ulong[1L << bits];
        Array.Fill(keys, None);
    }

    private void Grow()
    {
        var (oldKeys, oldValues) = (keys, values);
        Allocate(65 - shift);
        for (var i = 0; i < oldKeys.Length; i++)
            if (oldKeys[i] != None) Set(oldKeys[i], oldValues[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Set(ulong key, ulong value)
    {
        var slot = SlotOf(key);
        if (keys[slot] == None) count++;
        (keys[slot], values[slot]) = (key, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long SlotOf(ulong key)
    {
        // Fibonacci hashing; the fold lets both ids reach the upper bits.
        var slot = (long)((key ^ (key >> 29)) * 0x9E3779B97F4A7C15UL >> shift);
        while (keys[slot] != key && keys[slot] != None) slot = slot + 1 == keys.Length ? 0 : slot + 1;
        return slot;
    }
}
