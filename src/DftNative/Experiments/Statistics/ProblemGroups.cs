namespace DftNative.Experiments.Statistics;

/// <summary>Numbers of problems for what draws or swaps problems: each problem once, however many runs have answered it.</summary>
internal static class ProblemGroups
{
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
