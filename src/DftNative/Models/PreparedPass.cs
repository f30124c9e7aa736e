using DftNative.Backends;

namespace DftNative.Models;

/// <summary>
/// A micro-batch with all that the host prepares of it for a transformer (<see cref="Transformer.Prepare"/>), which needs
/// no device: it may be made on another thread while the device works. Immutable.
/// </summary>
public sealed class PreparedPass
{
    /// <summary>Rows of a dead document: attention's work grows with a document's square, and no one reads this one's.</summary>
    private const int DeadDocumentLength = 128;

    /// <summary>Divides the pass into ranges: a document's queries and keys are the same rows, and dead rows are documents too.</summary>
    /// <param name="batch">The documents.</param>
    /// <param name="tokenCount">Rows of the pass, at least the batch's.</param>
    /// <param name="plan">Makes what attention needs of the ranges.</param>
    internal PreparedPass(MicroBatch batch, int tokenCount, Func<AttentionRange[], AttentionPlan?> plan)
    {
        (Batch, TokenCount) = (batch, tokenCount);
        var ranges = new List<AttentionRange>();
        for (var document = 0; document + 1 < batch.DocumentStarts.Length; document++)
            Add(batch.DocumentStarts[document], batch.DocumentStarts[document + 1] - batch.DocumentStarts[document]);
        for (var start = batch.TokenCount; start < tokenCount; start += DeadDocumentLength) Add(start, Math.Min(DeadDocumentLength, tokenCount - start));
        Ranges = [.. ranges];
        Plan = plan(Ranges);

        void Add(int start, int count) => ranges.Add(new AttentionRange(start, count, start, count));
    }

    /// <summary>The documents as host arrays.</summary>
    public MicroBatch Batch { get; }

    /// <summary>Rows of the pass, T: the batch's tokens, and dead rows after them where the backend fills up passes.</summary>
    public int TokenCount { get; }

    /// <summary>Which keys each row sees.</summary>
    internal AttentionRange[] Ranges { get; }

    /// <summary>What the backend made of <see cref="Ranges"/>.</summary>
    internal AttentionPlan? Plan { get; }
}
