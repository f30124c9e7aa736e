using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// A vocabulary: ids by token and tokens by id, over the tokens' UTF-8. Strings are made only when asked for, which is
/// most of what loading a vocabulary of 150 000 tokens would cost. Read from many threads once it is built.
/// </summary>
internal sealed class Vocabulary
{
    private readonly List<byte> text = [];
    private readonly List<(int Start, int Id)> entries = [];
    private int[] slots = new int[1 << 17];
    private int[] entryById = [];

    /// <summary>One more than the greatest id.</summary>
    public int IdLimit { get; private set; }

    /// <summary>The number of tokens.</summary>
    public int Count => entries.Count;

    /// <summary>Adds a token, or gives a known one another id.</summary>
    /// <param name="token">UTF-8.</param>
    /// <param name="id">At least 0.</param>
    public void Set(ReadOnlySpan<byte> token, int id)
    {
        IdLimit = Math.Max(IdLimit, id + 1);
        if (entryById.Length < IdLimit) Array.Resize(ref entryById, (int)BitOperations.RoundUpToPowerOf2((uint)IdLimit));
        var slot = SlotOf(token);
        if (slots[slot] != 0)
        {
            var known = slots[slot] - 1;
            entries[known] = entries[known] with { Id = id };
            entryById[id] = known + 1;
            return;
        }

        entries.Add((text.Count, id));
        text.AddRange(token);
        slots[slot] = entryById[id] = entries.Count;
        if (entries.Count * 2 > slots.Length) Grow();
    }

    /// <summary>The id of a token in UTF-8, or −1.</summary>
    public int Find(ReadOnlySpan<byte> token)
    {
        var entry = slots[SlotOf(token)];
        return entry == 0 ? -1 : entries[entry - 1].Id;
    }

    /// <summary>The id of a token, or null.</summary>
    public int? Find(string token) => Find(Encoding.UTF8.GetBytes(token)) is >= 0 and var id ? id : null;

    /// <summary>The token's UTF-8; empty where the id has no token.</summary>
    public ReadOnlySpan<byte> Utf8Of(int id) => Has(id) ? TextOf(entryById[id] - 1) : [];

    /// <summary>Whether the id has a token.</summary>
    public bool Has(int id) => (uint)id < (uint)IdLimit && entryById[id] != 0;

    /// <summary>FNV would do a byte at a time; this takes eight, with Fibonacci's multiplier.</summary>
    private static int HashOf(ReadOnlySpan<byte> token)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)token.Length;
        for (; token.Length >= 8; token = token[8..]) hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(token));
        ulong rest = 0;
        foreach (var value in token) rest = rest << 8 | value;
        return (int)(Mix(hash ^ rest) >> 16);

        static ulong Mix(ulong value) => BitOperations.RotateLeft(value * Multiplier, 29) * Multiplier;
    }

    private ReadOnlySpan<byte> TextOf(int entry)
    {
        var start = entries[entry].Start;
        var end = entry + 1 < entries.Count ? entries[entry + 1].Start : text.Count;
        return CollectionsMarshal.AsSpan(text)[start..end];
    }

    private int SlotOf(ReadOnlySpan<byte> token)
    {
        var mask = slots.Length - 1;
        var slot = HashOf(token) & mask;
        while (slots[slot] != 0 && !TextOf(slots[slot] - 1).SequenceEqual(token)) slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        slots = new int[slots.Length * 2];
        for (var entry = 0; entry < entries.Count; entry++) slots[SlotOf(TextOf(entry))] = entry + 1;
    }
}
