namespace DftNative.Experiments.Statistics;

/// <summary>Numbers of problems for what draws or swaps problems: each problem once, however many runs have answered it.</summary>
internal static class ProblemGroups
{
    /// <summary>The same for several benchmarks, each one's problems apart.</summary>
    /// <param name="runs">Of each run, of each benchmark, of each of its problems.</param>
    /// <param name="areShared">Whether all runs answered the same problems, in the same order.</param>
    /// <returns>Of each benchmark its groups.</returns>
    /// <exception cref="ArgumentException">The runs have not as many benchmarks, or problems that are shared.</exception>
    public static IReadOnlyList<IReadOnlyList<double[]>> OfBenchmarks(IReadOnlyList<IReadOnlyList<double[]>> runs, bool areShared)
    {
        var count = runs.Count == 0 ? 0 : runs[0].Count;
        if (runs.Any(run => run.Count != count)) throw new ArgumentException("Runs have numbers of different counts of benchmarks.", nameof(runs));
        return [.. Enumerable.Range(0, count).Select(benchmark => Of([.. runs.Select(run => run[benchmark])], areShared))];
    }

    /// <summary>All problems' numbers, scaled so that their sum is in proportion to the mean of the benchmarks' means: as they are in the largest benchmark, larger in others.</summary>
    /// <param name="benchmarks">Of each benchmark its groups.</param>
    public static IReadOnlyList<double> Weigh(IReadOnlyList<IReadOnlyList<double[]>> benchmarks)
    {
        var counts = benchmarks.Select(groups => groups.Sum(group => group.Length)).ToArray();
        double largest = counts.Max();
        return [.. benchmarks.SelectMany((groups, benchmark) => groups.SelectMany(group => group).Select(value => value * (largest / counts[benchmark])))];
    }

    /// <summary>
    /// Groups whose problems are independent of each other. Answers of several models to one problem are alike, since it is
    /// easy or hard for all of them: taken for independent they would make intervals too narrow by up to √runs.
    /// </summary>
    /// <param name="runs">Of each run, of each of its problems.</param>
    /// <param name="areShared">Whether all runs answered the same problems, in the same order.</param>
    /// <returns>The problems' means over the runs as one group, or a group for each run's own problems.</returns>
    /// <exception cref="ArgumentException">Problems that are shared are not as many in every run.</exception>
    public static IReadOnlyList<double[]> Of(IReadOnlyList<IReadOnlyList<double>> runs, bool areShared)
    {
        if (!areShared || runs.Count == 0) return [.. runs.Select(run => run.ToArray())];
        var count = runs[0].Count;
        if (runs.Any(run => run.Count != count)) throw new ArgumentException("Runs of the same problems have numbers of different counts.", nameof(runs));
        return [[.. Enumerable.Range(0, count).Select(problem => runs.Average(run => run[problem]))]];
    }
}
