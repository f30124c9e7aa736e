namespace DftNative.Tokenizers;

/// <summary>Byte-pair merges by the pair of ids: an open-addressed hash table, read from many threads.</summary>
internal sealed class MergeTable
{
    /// <summary>What <see cref="Find"/> answers for a pair that does not merge; above every merge.</summary>
    public const ulong None = ulong.MaxValue;

    private readonly ulong[] keys;
    private readonly ulong[] values;
    private readonly int shift;

    /// <summary>Makes an empty table.</summary>
    /// <param name="capacity">The most merges it will hold.</param>
    public MergeTable(int capacity)
    {
        var bits = Math.Max(4, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)capacity * 2));
        shift = 64 - bits;
        keys = new ulong[1L << bits];
        values = new ulong[1L << bits];
        Array.Fill(keys, None);
    }

    /// <summary>Adds or replaces the merge of two tokens.</summary>
    /// <param name="left">Id of the left token.</param>
    /// <param name="right">Id of the right token.</param>
    /// <param name="rank">The merge's place in the list: lower ones are done first.</param>
    /// <param name="merged">Id of the token that both become.</param>
    public void Set(int left, int right, int rank, int merged)
    {
        var slot = SlotOf(Key(left, right));
        keys[slot] = Key(left, right);
        values[slot] = (ulong)(uint)rank << 32 | (uint)merged;
    }

    /// <summary>The rank in the upper and the merged id in the lower 32 bits, or <see cref="None"/>.</summary>
    public ulong Find(int left, int right)
    {
        var key = Key(left, right);
        var slot = SlotOf(key);
        return keys[slot] == key ? values[slot] : None;
    }

    private static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private long SlotOf(ulong key)
    {
        // Fibonacci hashing; the fold lets both ids reach the upper bits.
        var slot = (long)((key ^ (key >> 29)) * 0x9E3779B97F4A7C15UL >> shift);
        while (keys[slot] != key && keys[slot] != None) slot = slot + 1 == keys.Length ? 0 : slot + 1;
        return slot;
    }
}
