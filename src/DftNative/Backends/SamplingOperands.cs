namespace DftNative.Backends;

/// <summary>What every device asks of the operands of <see cref="IBackend.SampleTokens"/>: views of memory that no one checks again.</summary>
internal static class SamplingOperands
{
    /// <summary>One more than the most logits of a row: with as many of the same weight, 2⁴⁴ units, their sum would not fit 64 bits.</summary>
    public const int VocabularyLimit = 1 << 20;

    /// <summary>fp32 numbers of 16 bytes.</summary>
    private const int Alignment = 4;

    /// <summary>Checks them; allocates nothing.</summary>
    /// <exception cref="ArgumentException">The first that is wrong.</exception>
    public static void Check(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, ReadOnlySpan<DrawnToken> drawn)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, logits.Rows, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfLessThan(drawn.Length, rows.Length, nameof(drawn));
        if (rows.IsEmpty) return;
        if (logits.DataType != DataType.Float32) throw new ArgumentException($"logits are {DataType.Float32}, not {logits.DataType}", nameof(logits));
        if (logits.RowStride % Alignment != 0 || logits.Offset % Alignment != 0)
            throw new ArgumentException("logits must begin and have rows at multiples of 16 bytes", nameof(logits));
        ArgumentOutOfRangeException.ThrowIfZero(logits.Columns, nameof(logits));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(logits.Columns, VocabularyLimit, nameof(logits));
        if (options.FindError() is { } error) throw new ArgumentException(error, nameof(options));
        foreach (var row in rows)
        {
            if (row.EarlierStart < 0 || row.EarlierCount < 0 || (long)row.EarlierStart + row.EarlierCount > earlierTokens.Length)
                throw new ArgumentException($"earlier tokens {row.EarlierStart} to {(long)row.EarlierStart + row.EarlierCount} of {earlierTokens.Length}", nameof(rows));
        }

        if (options.Penalizes && earlierTokens.ContainsAnyExceptInRange(0, logits.Columns - 1))
            throw new ArgumentException($"earlier tokens are below the vocabulary, {logits.Columns}", nameof(earlierTokens));
    }
}
