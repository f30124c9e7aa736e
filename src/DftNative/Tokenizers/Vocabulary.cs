using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// A vocabulary: ids by token and tokens by id, over the tokens' UTF-8. Strings are made only when asked for, which is
/// most of what loading a vocabulary of 150 000 tokens would cost. Read from many threads once it is built.
/// </summary>
internal sealed class Vocabulary
{
    private byte[] text = new byte[1 << 16];
    private int[] starts = new int[1 << 12];
    private int[] ids = new int[1 << 12];
    private int[] entryById = [];

    /// <summary>The hash in the upper half, one more than the entry in the lower; 0: free.</summary>
    private ulong[] slots = new ulong[1 << 14];

    /// <summary>One more than the greatest id.</summary>
    public int IdLimit { get; private set; }

    /// <summary>The number of tokens.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a token, or gives a known one another id.</summary>
    /// <param name="token">UTF-8.</param>
    /// <param name="id">At least 0.</param>
    public void Set(ReadOnlySpan<byte> token, int id)
    {
        IdLimit = Math.Max(IdLimit, id + 1);
        if (entryById.Length < IdLimit) Array.Resize(ref entryById, (int)BitOperations.RoundUpToPowerOf2((uint)IdLimit));
        var hash = HashOf(token);
        var slot = SlotOf(token, hash);
        if (slots[slot] != 0)
        {
            ids[(uint)slots[slot] - 1] = id;
            entryById[id] = (int)(uint)slots[slot];
            return;
        }

        var start = starts[Count];
        if (start + token.Length > text.Length) Array.Resize(ref text, Math.Max(2 * text.Length, start + token.Length));
        if (Count + 2 > starts.Length)
        {
            Array.Resize(ref starts, 2 * starts.Length);
            Array.Resize(ref ids, 2 * ids.Length);
        }

        token.CopyTo(text.AsSpan(start));
        ids[Count++] = id;
        starts[Count] = start + token.Length;
        slots[slot] = (ulong)hash << 32 | (uint)Count;
        entryById[id] = Count;
        if (Count * 2 > slots.Length) Grow();
    }

    /// <summary>The id of a token in UTF-8, or −1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        var entry = (uint)slots[SlotOf(token, HashOf(token))];
        return entry == 0 ? -1 : ids[entry - 1];
    }

    /// <summary>The id of a token, or null.</summary>
    public int? Find(string token) => Find(Encoding.UTF8.GetBytes(token)) is >= 0 and var id ? id : null;

    /// <summary>The token's UTF-8; empty where the id has no token.</summary>
    public ReadOnlySpan<byte> Utf8Of(int id) => Has(id) ? TextOf(entryById[id] - 1) : [];

    /// <summary>Whether the id has a token.</summary>
    public bool Has(int id) => (uint)id < (uint)IdLimit && entryById[id] != 0;

    /// <summary>Eight bytes at a time, with Fibonacci's multiplier. Loading runs once, so what it runs most is compiled well at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint HashOf(ReadOnlySpan<byte> token)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)token.Length;
        for (; token.Length >= 8; token = token[8..]) hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(token)) * Multiplier, 29);
        ulong rest = 0;
        foreach (var value in token) rest = rest << 8 | value;
        return (uint)(BitOperations.RotateLeft((hash ^ rest) * Multiplier, 29) * Multiplier >> 32);
    }

    private ReadOnlySpan<byte> TextOf(int entry) => text.AsSpan(starts[entry]..starts[entry + 1]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private uint SlotOf(ReadOnlySpan<byte> token, uint hash)
    {
        var mask = (uint)slots.Length - 1;
        var slot = hash & mask;
        while (slots[slot] != 0 && ((uint)(slots[slot] >> 32) != hash || !TextOf((int)(uint)slots[slot] - 1).SequenceEqual(token))) slot = (slot + 1) & mask;
        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Grow()
    {
        var old = slots;
        slots = new ulong[4 * old.Length];
        var mask = (uint)slots.Length - 1;
        foreach (var entry in old)
        {
            if (entry == 0) continue;
            var slot = (uint)(entry >> 32) & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = entry;
        }
    }
}
