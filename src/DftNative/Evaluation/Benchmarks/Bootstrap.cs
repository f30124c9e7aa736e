namespace DftNative.Evaluation.Benchmarks;

/// <summary>
/// The bootstrap over problems (Efron 1979): the problems are drawn anew, with replacement, as many as there are, and the
/// spread of the means is the uncertainty of the mean. Samples of a problem stay together.
/// </summary>
public static class Bootstrap
{
    /// <summary>How often the problems are drawn.</summary>
    public const int Resamples = 10_000;

    private const double Tail = 0.025;

    /// <summary>Means over problems that are drawn anew.</summary>
    /// <param name="values">For each metric its value at each problem.</param>
    /// <param name="seed">Decides the draws: the same for every metric.</param>
    /// <returns>[metrics][<see cref="Resamples"/>].</returns>
    public static double[][] Resample(IReadOnlyList<double[]> values, ulong seed)
    {
        var count = values[0].Length;
        var means = values.Select(static _ => new double[Resamples]).ToArray();
        Parallel.For(0, Resamples, resample =>
        {
            Span<double> sums = stackalloc double[values.Count];
            sums.Clear();
            for (var draw = 0; draw < count; draw++)
            {
                var problem = (int)(CounterRandom.Uniform(seed, (ulong)draw, (ulong)resample) * count);
                for (var metric = 0; metric < sums.Length; metric++) sums[metric] += values[metric][problem];
            }

            for (var metric = 0; metric < sums.Length; metric++) means[metric][resample] = sums[metric] / count;
        });
        return means;
    }

    /// <summary>The mean over the problems of several groups, those of each drawn among themselves, with its interval.</summary>
    /// <param name="groups">Of each group, of each problem.</param>
    /// <param name="seed">Decides the draws, of each group others.</param>
    /// <returns>Null: there are no problems.</returns>
    public static Estimate? Mean(IReadOnlyList<double[]> groups, ulong seed) => MeanOverBenchmarks([groups], seed);

    /// <summary>The mean over benchmarks of the mean over each one's problems, whatever their sizes, with its interval: each benchmark is drawn from on its own.</summary>
    /// <param name="benchmarks">Of each benchmark its groups, as for <see cref="Mean"/>.</param>
    /// <param name="seed">Decides the draws, of each group others.</param>
    /// <returns>Null: there are no benchmarks, or one of them has no problems.</returns>
    public static Estimate? MeanOverBenchmarks(IReadOnlyList<IReadOnlyList<double[]>> benchmarks, ulong seed)
    {
        if (benchmarks.Count == 0 || benchmarks.Any(static groups => groups.All(static group => group.Length == 0))) return null;
        var means = new double[Resamples];
        double value = 0;
        foreach (var groups in benchmarks)
        {
            var resampled = ResampleGroups(groups, seed);
            for (var i = 0; i < means.Length; i++) means[i] += resampled[i] / benchmarks.Count;
            value += groups.Sum(static group => group.Sum()) / groups.Sum(static group => group.Length) / benchmarks.Count;
            seed += (ulong)groups.Count;
        }

        return Interval(value, means);
    }

    /// <summary>Means over the problems of all groups, those of each drawn among themselves.</summary>
    private static double[] ResampleGroups(IReadOnlyList<double[]> groups, ulong seed)
    {
        var count = groups.Sum(static group => group.Length);
        var means = new double[Resamples];
        for (var group = 0; group < groups.Count; group++)
        {
            if (groups[group].Length == 0) continue;
            var resampled = Resample([groups[group]], seed + (ulong)group)[0];
            for (var i = 0; i < means.Length; i++) means[i] += resampled[i] * groups[group].Length / count;
        }

        return means;
    }

    /// <summary>The percentile interval: what 2.5 % of the means lie below, and 2.5 % above.</summary>
    /// <param name="value">The mean over the problems themselves.</param>
    /// <param name="means">Of <see cref="Resample"/>.</param>
    public static Estimate Interval(double value, double[] means)
    {
        var sorted = means.Order().ToArray();
        var outside = (int)(Tail * sorted.Length);
        return new Estimate(value, sorted[outside], sorted[^(outside + 1)]);
    }
}
