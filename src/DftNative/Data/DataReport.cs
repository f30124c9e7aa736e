namespace DftNative.Data;

/// <summary>What was read. The counts grow while rows are read.</summary>
public sealed class DataReport
{
    /// <summary>Rows of the files.</summary>
    public long RowCount { get; internal set; }

    /// <summary>Tokens of the rows that are used, after truncation.</summary>
    public long TokenCount { get; internal set; }

    /// <summary>Trained targets among them.</summary>
    public long TrainedTokenCount { get; internal set; }

    /// <summary>Rows cut to max_length.</summary>
    public long TruncatedRowCount { get; internal set; }

    /// <summary>Rows left out because they are longer than max_length.</summary>
    public long DroppedRowCount { get; internal set; }

    /// <summary>Rows of which nothing is trained; they are kept and contribute 0, unless they are empty.</summary>
    public long RowWithoutTargetCount { get; internal set; }

    /// <summary>Conversations whose last turn is not the assistant's.</summary>
    public long OpenConversationCount { get; internal set; }

    /// <summary>Tokens of the longest row, before truncation.</summary>
    public int LongestRow { get; internal set; }

    /// <summary>Adds another's counts.</summary>
    internal void Add(DataReport other)
    {
        RowCount += other.RowCount;
        TokenCount += other.TokenCount;
        TrainedTokenCount += other.TrainedTokenCount;
        TruncatedRowCount += other.TruncatedRowCount;
        DroppedRowCount += other.DroppedRowCount;
        RowWithoutTargetCount += other.RowWithoutTargetCount;
        OpenConversationCount += other.OpenConversationCount;
        LongestRow = Math.Max(LongestRow, other.LongestRow);
    }

    /// <summary>The counts in one line.</summary>
    public override string ToString()
    {
        var share = TokenCount == 0 ? 0 : 100.0 * TrainedTokenCount / TokenCount;
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{RowCount} rows, {TokenCount} tokens, {TrainedTokenCount} trained ({share:F1} %), {TruncatedRowCount} truncated, {DroppedRowCount} dropped, "
            + $"{RowWithoutTargetCount} without target, {OpenConversationCount} not ending with the assistant, longest {LongestRow}");
    }
}
