using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// One text on its way to ids. It follows boundaries, which are places in the text as given, through normalization and
/// cutting, so that callers learn which tokens lie behind them.
/// </summary>
internal sealed class EncodingPass
{
    private readonly BytePairModel model;
    private readonly WordCache cache;
    private readonly WordAction addWord;
    private readonly List<int> ids;
    private readonly int[] boundaries;
    private readonly int[] firstTokens;
    private int boundary;
    private int origin;
    private Func<int, int> toLocal = static place => place;
    private int localBoundary = int.MaxValue;

    /// <summary>Begins a pass.</summary>
    /// <param name="model">Encodes words.</param>
    /// <param name="cache">Borrowed for the pass.</param>
    /// <param name="prefix">Ids that come before the text's.</param>
    /// <param name="boundaries">Ascending places in the text.</param>
    public EncodingPass(BytePairModel model, WordCache cache, ReadOnlySpan<int> prefix, ReadOnlySpan<int> boundaries)
    {
        (this.model, this.cache) = (model, cache);
        this.boundaries = boundaries.ToArray();
        firstTokens = new int[boundaries.Length];
        ids = [.. prefix];
        addWord = AddWord;
    }

    /// <summary>Adds an added token found in the text as given.</summary>
    /// <param name="id">The token.</param>
    /// <param name="end">One past its last char, in the text as given.</param>
    public void AddToken(int id, int end)
    {
        for (; boundary < boundaries.Length && boundaries[boundary] < end; boundary++) firstTokens[boundary] = ids.Count;
        ids.Add(id);
    }

    /// <summary>Begins a stretch of normalized text; words and tokens are then placed by <see cref="AddWords"/> and <see cref="AddNormalizedToken"/>.</summary>
    /// <param name="end">One past the stretch's last char, in the text as given.</param>
    /// <param name="placeInNormalized">From a place in the text as given to one in the normalized stretch.</param>
    public void BeginNormalized(int end, Func<int, int> placeInNormalized)
    {
        toLocal = place => place < end ? placeInNormalized(place) : int.MaxValue;
        FindLocalBoundary();
    }

    /// <summary>Adds an added token found in the normalized stretch.</summary>
    /// <param name="id">The token.</param>
    /// <param name="end">One past its last char, in the stretch.</param>
    public void AddNormalizedToken(int id, int end)
    {
        while (localBoundary < end) PassBoundary(ids.Count);
        ids.Add(id);
    }

    /// <summary>Cuts a part of the normalized stretch into words and adds them.</summary>
    /// <param name="text">The part.</param>
    /// <param name="start">Where it begins in the stretch.</param>
    /// <param name="beginsText">Whether nothing of the text as given stands before it.</param>
    /// <param name="preTokenizer">Cuts it.</param>
    public void AddWords(ReadOnlySpan<char> text, int start, bool beginsText, PreTokenizer preTokenizer)
    {
        origin = start;
        preTokenizer.Split(text, beginsText, addWord);
    }

    /// <summary>Ends the pass.</summary>
    /// <param name="suffix">Ids that come after the text's.</param>
    public EncodedText Complete(ReadOnlySpan<int> suffix)
    {
        for (; boundary < boundaries.Length; boundary++) firstTokens[boundary] = ids.Count;
        ids.AddRange(suffix);
        return new EncodedText([.. ids], firstTokens);
    }

    private void AddWord(ReadOnlySpan<char> word, int start)
    {
        start += origin;
        var wordIds = model.Encode(word, cache);
        while (localBoundary < start + word.Length)
        {
            var before = localBoundary <= start ? 0 : TokensWithin(wordIds, Encoding.UTF8.GetByteCount(word[..(localBoundary - start)]));
            PassBoundary(ids.Count + before);
        }

        ids.AddRange(wordIds);
    }

    /// <summary>How many of a word's first tokens end within its first bytes.</summary>
    private int TokensWithin(ReadOnlySpan<int> wordIds, int byteCount)
    {
        var count = 0;
        for (var end = 0; count < wordIds.Length && (end += model.ByteLengthOf(wordIds[count])) <= byteCount;) count++;
        return count;
    }

    private void PassBoundary(int firstToken)
    {
        firstTokens[boundary++] = firstToken;
        FindLocalBoundary();
    }

    private void FindLocalBoundary() => localBoundary = boundary < boundaries.Length ? toLocal(boundaries[boundary]) : int.MaxValue;
}
