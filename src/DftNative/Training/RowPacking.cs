namespace DftNative.Training;

/// <summary>Divides the rows of an optimizer step into passes through the model, each row whole and a document of its own.</summary>
public static class RowPacking
{
    /// <summary>Bits of the tables of <see cref="FillPasses"/> beyond which its time and memory are not worth a pass.</summary>
    private const long MaxTableBits = 1 << 28;

    /// <summary>
    /// Best-fit decreasing (Johnson 1974): from the longest row to the shortest, each goes where the least room is left.
    /// Where that takes more passes than the tokens alone ask for, passes are filled one by one as full as can be, if
    /// that takes fewer. Rows keep their order within a pass. Without packing each row is a pass.
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

        int[] descending = [.. Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i])];
        var passes = FitBest(descending, lengths, microBatchTokens);
        var fewest = (lengths.Sum(length => (long)length) + microBatchTokens - 1) / microBatchTokens;
        if (passes.Count > fewest && (long)lengths.Count * microBatchTokens <= MaxTableBits)
        {
            var filled = FillPasses(descending, lengths, microBatchTokens);
            if (filled.Count < passes.Count) passes = filled;
        }

        return [.. passes.Select(pass => pass.Order().ToArray())];
    }

    /// <summary>How many passes best-fit decreasing takes: at least as many as <see cref="Pack"/>, and found sooner.</summary>
    /// <param name="lengths">[rows] tokens of each row, none longer than a pass.</param>
    /// <param name="microBatchTokens">The most tokens of a pass.</param>
    /// <param name="packing">Whether rows share a pass.</param>
    internal static int CountPasses(IReadOnlyList<int> lengths, int microBatchTokens, bool packing)
    {
        if (!packing) return lengths.Count;
        int[] descending = [.. Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i])];
        return FitBest(descending, lengths, microBatchTokens).Count;
    }

    private static List<List<int>> FitBest(int[] descending, IReadOnlyList<int> lengths, int microBatchTokens)
    {
        var passes = new List<(List<int> Rows, int Room)>();
        foreach (var row in descending)
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

        return passes.ConvertAll(pass => pass.Rows);
    }

    /// <summary>
    /// Takes the longest row that is left and, of the others, those that come nearest to filling its pass (subset sum by
    /// dynamic programming); of several such choices the one of longer rows, since short ones fill later gaps.
    /// </summary>
    private static List<List<int>> FillPasses(int[] descending, IReadOnlyList<int> lengths, int microBatchTokens)
    {
        var passes = new List<List<int>>();
        var left = descending.ToList();
        var words = (microBatchTokens / 64) + 1;
        var reachable = new List<ulong[]> { new ulong[words] };
        while (left.Count > 0)
        {
            // reachable[i] has a bit for each sum of some of the first i rows after the longest.
            var room = microBatchTokens - lengths[left[0]];
            reachable[0][0] = 1;
            var count = 0;
            while (count + 1 < left.Count && !HasBit(reachable[count], room))
            {
                count++;
                if (reachable.Count == count) reachable.Add(new ulong[words]);
                AddShifted(reachable[count - 1], lengths[left[count]], reachable[count]);
            }

            var sum = room;
            while (!HasBit(reachable[count], sum)) sum--;
            var pass = new List<int> { left[0] };
            for (var i = count; i > 0; i--)
            {
                if (HasBit(reachable[i - 1], sum)) continue;
                pass.Add(left[i]);
                sum -= lengths[left[i]];
                left.RemoveAt(i);
            }

            left.RemoveAt(0);
            passes.Add(pass);
        }

        return passes;
    }

    private static bool HasBit(ulong[] bits, int index) => (bits[index >> 6] >> (index & 63) & 1) != 0;

    /// <summary>result = bits | bits &lt;&lt; shift; what is shifted out is lost.</summary>
    private static void AddShifted(ulong[] bits, int shift, ulong[] result)
    {
        var (wholeWords, rest) = (shift >> 6, shift & 63);
        for (var i = bits.Length - 1; i >= 0; i--)
        {
            var shifted = 0UL;
            if (i >= wholeWords)
            {
                shifted = bits[i - wholeWords] << rest;
                if (rest > 0 && i > wholeWords) shifted |= bits[i - wholeWords - 1] >> (64 - rest);
            }

            result[i] = bits[i] | shifted;
        }
    }
}
