using System.Numerics;
using System.Runtime.InteropServices;

namespace DftNative.Tokenizers;

/// <summary>
/// The ids of words met before. Text repeats its words, so this is what makes encoding fast. Each word has one place
/// and a newer one takes it, so that memory and time are bounded for any text. For one thread at a time.
/// </summary>
internal sealed class WordCache
{
    private const int SlotBits = 16;
    private const int MaxWordLength = 64;

    private readonly (char[]? Word, int[] Ids)[] slots = new (char[]?, int[])[1 << SlotBits];

    /// <summary>The word's ids, or null.</summary>
    public int[]? Find(ReadOnlySpan<char> word)
    {
        if (word.Length > MaxWordLength) return null;
        ref readonly var slot = ref slots[SlotOf(word)];
        return slot.Word is { } known && word.SequenceEqual(known) ? slot.Ids : null;
    }

    /// <summary>Keeps the ids of a word that is not too long, and returns them.</summary>
    public int[] Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length <= MaxWordLength) slots[SlotOf(word)] = (word.ToArray(), ids);
        return ids;
    }

    private static int SlotOf(ReadOnlySpan<char> word)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)word.Length;
        for (; word.Length >= 4; word = word[4..]) hash = (BitOperations.RotateLeft(hash, 23) ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word))) * Multiplier;
        ulong rest = 0;
        foreach (var unit in word) rest = rest << 16 | unit;
        return (int)((BitOperations.RotateLeft(hash, 23) ^ rest) * Multiplier >> (64 - SlotBits));
    }
}
