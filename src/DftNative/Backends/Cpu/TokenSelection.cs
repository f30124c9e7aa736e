namespace DftNative.Backends.Cpu;

/// <summary>
/// Finds the candidates with the largest weights without sorting: quickselect (Hoare 1961), by number or by mass. A
/// candidate is its weight's bits above its token's complement, so that the larger integer is the more probable token
/// and, of equals, the earlier one.
/// </summary>
internal static class TokenSelection
{
    public static ulong Candidate(int token, float weight) => ((ulong)BitConverter.SingleToUInt32Bits(weight) << 32) | ~(uint)token;

    private static float Weight(ulong candidate) => BitConverter.UInt32BitsToSingle((uint)(candidate >> 32));

    /// <summary>The sum of the weights in units.</summary>
    public static ulong Units(ReadOnlySpan<ulong> candidates)
    {
        var units = 0UL;
        foreach (var candidate in candidates) units += TokenWeight.Units(Weight(candidate));
        return units;
    }

    /// <summary>The least weight of some candidates.</summary>
    public static float LeastWeight(ReadOnlySpan<ulong> candidates)
    {
        var least = ulong.MaxValue;
        foreach (var candidate in candidates) least = Math.Min(least, candidate);
        return Weight(least);
    }

    /// <summary>Moves those with at least that weight to the front.</summary>
    /// <returns>How many.</returns>
    public static int AtLeast(Span<ulong> candidates, float weight)
    {
        var count = 0;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (Weight(candidates[i]) < weight) continue;
            (candidates[count], candidates[i]) = (candidates[i], candidates[count]);
            count++;
        }

        return count;
    }

    /// <summary>Moves the <paramref name="count"/> largest to the front.</summary>
    public static void Largest(Span<ulong> candidates, int count)
    {
        var (start, end) = (0, candidates.Length);
        while (start < count && count < end)
        {
            var border = start + Partition(candidates[start..end]);
            if (border <= count) start = border;
            else end = border;
        }
    }

    /// <summary>Moves the fewest of the largest to the front that together have at least so many units.</summary>
    /// <returns>How many, at least one.</returns>
    public static int LargestWithUnits(Span<ulong> candidates, ulong units)
    {
        var (start, end) = (0, candidates.Length);
        var before = 0UL;
        while (end - start > 1)
        {
            var border = start + Partition(candidates[start..end]);
            var upper = Units(candidates[start..border]);
            if (before + upper >= units)
            {
                end = border;
            }
            else
            {
                before += upper;
                start = border;
            }
        }

        return end;
    }

    /// <summary>Moves the larger part to the front.</summary>
    /// <returns>The length of that part: neither part is empty.</returns>
    private static int Partition(Span<ulong> values)
    {
        // Candidates are all different, and the pivot lies strictly above the least of three or is the larger of two.
        var (a, b, c) = (values[0], values[values.Length / 2], values[^1]);
        var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
        if (values.Length == 2) pivot = Math.Max(a, c);
        var border = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (value < pivot) continue;
            values[i] = values[border];
            values[border++] = value;
        }

        return border;
    }
}
