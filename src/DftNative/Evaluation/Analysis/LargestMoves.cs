namespace DftNative.Evaluation.Analysis;

/// <summary>Keeps the moves of the largest positive size; of equal ones the first.</summary>
/// <param name="capacity">How many.</param>
internal sealed class LargestMoves(int capacity)
{
    private readonly PriorityQueue<TokenMove, (double Size, long Order)> queue = new();
    private long order;

    /// <summary>Takes part where it is large enough.</summary>
    public void Add(TokenMove move, double size)
    {
        if (!(size > 0) || capacity == 0) return;
        // What comes later is smaller of two that are equal.
        var priority = (size, --order);
        if (queue.Count < capacity) queue.Enqueue(move, priority);
        else queue.EnqueueDequeue(move, priority);
    }

    /// <summary>All that were kept, the largest first.</summary>
    public IReadOnlyList<TokenMove> Descending() =>
        [.. queue.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
}
