using System.Diagnostics.CodeAnalysis;

namespace DftNative.Tokenizers;

/// <summary>The ids of words met before. Text repeats its words, so this is what makes encoding fast. For one thread at a time.</summary>
internal sealed class WordCache
{
    private const int MaxWords = 1 << 16;
    private const int MaxWordLength = 64;

    private readonly Dictionary<string, int[]> words;
    private readonly Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> bySpan;

    /// <summary>Makes an empty cache.</summary>
    public WordCache()
    {
        words = new Dictionary<string, int[]>(StringComparer.Ordinal);
        bySpan = words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The word's ids, or false.</summary>
    public bool TryGet(ReadOnlySpan<char> word, [NotNullWhen(true)] out int[]? ids) => bySpan.TryGetValue(word, out ids);

    /// <summary>Keeps the ids of a word that is not too long; a full cache starts afresh, so that its memory is bounded.</summary>
    public void Add(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length > MaxWordLength) return;
        if (words.Count >= MaxWords) words.Clear();
        words.Add(word.ToString(), ids);
    }
}
