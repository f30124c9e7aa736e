namespace DftNative.Training;

/// <summary>Divides the rows of an optimizer step into passes through the model, each row whole and a document of its own.</summary>
public static class RowPacking
{
    /// <summary>
    /// Best-fit decreasing (Johnson 1974): from the longest row to the shortest, each goes where the least room is left;
    /// rows keep their order within a pass. Without packing each row is a pass.
    /// </summary>
    /// <param name="lengths">[rows] tokens of each row.</param>
    /// <param name="microBatchTokens">The most tokens of a pass.</param>
    /// <param name="packing">Whether rows share a pass.</param>
    /// <returns>For each pass the indices of its rows, ascending; every index once.</returns>
    /// <exception cref="ArgumentException">A row is longer than a pass.</exception>
    public static IReadOnlyList<int[]> Pack(IReadOnlyList<int> lengths, int microBatchTokens, bool packing)
    {
        for (var i = 0; i < lengths.Count; i++)
        {
            if (lengths[i] > microBatchTokens)
                throw new ArgumentException($"row {i} has {lengths[i]} tokens, a pass at most {microBatchTokens}", nameof(lengths));
        }

        if (!packing) return [.. Enumerable.Range(0, lengths.Count).Select(i => new[] { i })];

        var passes = new List<(List<int> Rows, int Room)>();
        foreach (var row in Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]))
        {
            var best = -1;
            for (var i = 0; i < passes.Count; i++)
                if (passes[i].Room >= lengths[row] && (best < 0 || passes[i].Room < passes[best].Room)) best = i;
            if (best < 0)
            {
                passes.Add(([], microBatchTokens));
                best = passes.Count - 1;
            }

            passes[best].Rows.Add(row);
            passes[best] = (passes[best].Rows, passes[best].Room - lengths[row]);
        }

        return [.. passes.Select(pass => pass.Rows.Order().ToArray())];
    }
}
