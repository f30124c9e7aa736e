namespace DftNative.Backends;

/// <summary>
/// Which keys each query sees: the queries of a range see its keys causally, aligned at the end. In training a range is
/// a packed document whose queries and keys are the same rows; in generation the keys are a sequence's part of the cache.
/// </summary>
/// <param name="Device">[ranges · 4] int32: each range's four numbers, in the order of <see cref="AttentionRange"/>.</param>
/// <param name="Host">[ranges] the same on the host, so that a launcher can size its grid and order its tiles without reading back.</param>
/// <param name="Plan">What <see cref="IBackend.PlanAttention"/> has made of them; null: they are planned when they are used.</param>
public readonly record struct AttentionRanges(Vector Device, ReadOnlyMemory<AttentionRange> Host, AttentionPlan? Plan = null)
{
    /// <summary>The number of ranges.</summary>
    public int Count => Host.Length;

    /// <summary>The most queries of a range.</summary>
    public int MaxQueryCount
    {
        get
        {
            var max = 0;
            foreach (var range in Host.Span) max = Math.Max(max, range.QueryCount);
            return max;
        }
    }
}
