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

    /// <summary>Which end-of-turn tokens of a conversation are trained.</summary>
    public TrainOnEos TrainOnEos { get; init; } = TrainOnEos.Turn;

    /// <summary>The chat template's name or file (see <see cref="ChatTemplates.ChatTemplate.Resolve"/>); null: the model's own.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>Which fields make a row.</summary>
    public RowForm Form { get; init; } = RowForm.Auto;

    /// <summary><c>FIELD=COLUMN</c> pairs: a row's field FIELD is the file's column COLUMN.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>How a conversation's answer ends.</summary>
    public ResponseEnd ResponseEnd { get; init; } = ResponseEnd.Turn;
}
