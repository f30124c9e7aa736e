namespace DftNative.Training;

/// <summary>
/// The order of the rows: in each epoch another permutation, a function of (seed, epoch, position) alone, so that a
/// resumed run goes on with the rows that an unbroken one would have seen.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="rowCount">The number of rows.</param>
public sealed class DataOrder(long seed, int rowCount)
{
    private int[] permutation = [];
    private int permutedEpoch = -1;

    /// <summary>The index of the row at <paramref name="position"/> of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="position">From 0.</param>
    public int this[int epoch, int position]
    {
        get
        {
            if (epoch != permutedEpoch) (permutation, permutedEpoch) = (Permute(epoch), epoch);
            return permutation[position];
        }
    }

    /// <summary>Fisher and Yates' shuffle; the draw for place i is a function of (seed, epoch, i).</summary>
    private int[] Permute(int epoch)
    {
        var order = new int[rowCount];
        for (var i = 0; i < rowCount; i++) order[i] = i;
        for (var i = rowCount - 1; i > 0; i--)
        {
            var (high, low, _, _) = CounterRandom.Philox((ulong)seed, (ulong)i, (ulong)epoch);
            var other = (int)Math.BigMul(((ulong)high << 32) | low, (ulong)(i + 1), out _);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
