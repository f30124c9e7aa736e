namespace DftNative.Data;

/// <summary>How files become rows.</summary>
public sealed record RowReaderOptions
{
    /// <summary>The most tokens of a row.</summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>What becomes of longer rows.</summary>
    public Truncation Truncation { get; init; } = Truncation.Truncate;

    /// <summary>Which tokens are trained; pretokenized rows and the form <c>text</c> say so themselves.</summary>
    public LossMask Mask { get; init; } = LossMask.CompletionOnly;

    /// <summary>The chat template's name (see <see cref="ChatFormat.Names"/>); null: the model's own, where it is recognised.</summary>
    public string? ChatTemplate { get; init; }
}
