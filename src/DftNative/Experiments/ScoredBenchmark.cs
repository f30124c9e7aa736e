namespace DftNative.Experiments;

/// <summary>A benchmark among those whose problems' scores stand one's after another's.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="ProblemCount">Its problems, at least one.</param>
public sealed record ScoredBenchmark(string Name, int ProblemCount)
{
    /// <summary>Whether benchmarks share out so many scores among them: all of the scores, and to each at least one.</summary>
    internal static bool Cover(IReadOnlyList<ScoredBenchmark> benchmarks, int scoreCount) =>
        benchmarks.All(benchmark => benchmark.ProblemCount > 0) && benchmarks.Sum(benchmark => benchmark.ProblemCount) == scoreCount;

    /// <summary>Of each benchmark, of each of its problems, the score; of no benchmarks all scores as one set.</summary>
    /// <exception cref="ArgumentException">There are not as many scores as the benchmarks have problems.</exception>
    internal static IReadOnlyList<double[]> Split(IReadOnlyList<double> scores, IReadOnlyList<ScoredBenchmark> benchmarks)
    {
        if (benchmarks.Count == 0) return [[.. scores]];
        if (!Cover(benchmarks, scores.Count))
            throw new ArgumentException($"{scores.Count} scores are not those of {string.Join(", ", benchmarks.Select(benchmark => $"{benchmark.Name} ({benchmark.ProblemCount})"))}.", nameof(scores));
        var parts = new List<double[]>();
        var first = 0;
        foreach (var benchmark in benchmarks)
        {
            parts.Add([.. scores.Skip(first).Take(benchmark.ProblemCount)]);
            first += benchmark.ProblemCount;
        }

        return parts;
    }
}
