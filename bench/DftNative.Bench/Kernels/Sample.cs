namespace DftNative.Bench.Kernels;

/// <summary>Which rows or columns are checked where a check of all would take too long.</summary>
internal static class Sample
{
    /// <summary>All of <paramref name="count"/>, or <paramref name="most"/> of them: the first, the last, and others at uneven distances.</summary>
    public static int[] Of(int count, int most)
    {
        if (count <= most) return [.. Enumerable.Range(0, count)];
        var random = new Random(count);
        var stride = (double)(count - 1) / (most - 1);
        return [.. Enumerable.Range(0, most).Select(i =>
            i == 0 ? 0 : i == most - 1 ? count - 1 : (int)((i - 0.5 + random.NextDouble()) * stride)).Distinct()];
    }
}
