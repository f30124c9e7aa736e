namespace DftNative.Tokenizers;

/// <summary>The symbols that a word begins with, before any merge.</summary>
/// <param name="model">What unknown characters become.</param>
/// <param name="unknownId">The unknown token's id, or null.</param>
internal ref struct WordSymbols(BytePairOptions model, int? unknownId)
{
    private bool isUnknownPending;

    /// <summary>The symbols' ids.</summary>
    public required Span<int> Ids { get; init; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a symbol with a token.</summary>
    public void Add(int id)
    {
        Flush();
        Ids[Count++] = id;
    }

    /// <summary>Adds a character's bytes. An unknown symbol before it still waits: it is written before the next known one, as by Hugging Face.</summary>
    public void AddBytes(scoped ReadOnlySpan<int> ids)
    {
        ids.CopyTo(Ids[Count..]);
        Count += ids.Length;
    }

    /// <summary>Adds a symbol without a token.</summary>
    public void AddUnknown()
    {
        if (!model.FusesUnknown) Flush();
        isUnknownPending = unknownId is not null;
    }

    /// <summary>Writes an unknown symbol that waits.</summary>
    public void Flush()
    {
        if (!isUnknownPending) return;
        Ids[Count++] = unknownId!.Value;
        isUnknownPending = false;
    }
}
