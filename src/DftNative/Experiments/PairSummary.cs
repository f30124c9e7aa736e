using DftNative.Evaluation.Benchmarks;
using DftNative.Experiments.Statistics;

namespace DftNative.Experiments;

/// <summary>Two settings compared run by run of the same seed, and so on the same demonstrations, problems and sampling.</summary>
public sealed class PairSummary
{
    private const ulong StatisticsSeed = 20_251_123;

    /// <summary>Compares two settings on the seeds that both have.</summary>
    internal PairSummary(SettingSummary first, SettingSummary second)
    {
        (First, Second) = (first, second);
        var pairs = first.Runs.Join(second.Runs, run => run.Seed, run => run.Seed, (a, b) => (First: a.Result, Second: b.Result)).ToArray();
        SeedDifferences = [.. pairs.Select(pair => first.ValueOf(pair.First) - first.ValueOf(pair.Second))];
        if (SeedDifferences.Count == 0) return;
        Difference = SeedDifferences.Average();
        OverSeeds = StudentT.MeanInterval(SeedDifferences);
        if (first.Metric == ExperimentMetric.Accuracy && OverSeeds is { } interval) OverSeeds = interval with { Low = Math.Max(-1, interval.Low), High = Math.Min(1, interval.High) };
        SeedsPValue = StudentT.PairedTest(SeedDifferences);
        var problems = ProblemGroups.OfBenchmarks([.. pairs.Select(pair => Differences(pair.First, pair.Second))], first.SharesProblems);
        OverProblems = Bootstrap.MeanOverBenchmarks(problems, StatisticsSeed);
        if (OverProblems is not null) ProblemsPValue = PairedTest.Permutation(ProblemGroups.Weigh(problems), StatisticsSeed);
        if (pairs[0].First.Benchmarks is { Count: > 1 } names)
            Benchmarks = [.. problems.Zip(names, (groups, benchmark) => new BenchmarkDifference(benchmark.Name, Bootstrap.Mean(groups, StatisticsSeed)!.Value, PairedTest.Permutation([.. groups.SelectMany(group => group)], StatisticsSeed)))];
    }

    /// <summary>The first setting.</summary>
    public SettingSummary First { get; }

    /// <summary>The second setting.</summary>
    public SettingSummary Second { get; }

    /// <summary>Of each seed that both have, the first's metric less the second's.</summary>
    public IReadOnlyList<double> SeedDifferences { get; }

    /// <summary>Their mean; null: no seed is finished in both.</summary>
    public double? Difference { get; }

    /// <summary>Its 95 % interval by Student's t over seeds; null for fewer than two, and where all are alike.</summary>
    public Estimate? OverSeeds { get; }

    /// <summary>The p-value of the paired t-test over seeds: whether the losses differ, over what the seed decides; null where <see cref="OverSeeds"/> is.</summary>
    public double? SeedsPValue { get; }

    /// <summary>Its 95 % interval by the paired bootstrap over problems.</summary>
    public Estimate? OverProblems { get; }

    /// <summary>The p-value of the paired permutation test over problems: whether these very models differ on other problems of the kind.</summary>
    public double? ProblemsPValue { get; }

    /// <summary>Each of the benchmarks that <see cref="Difference"/> is the mean over; empty: there are fewer than two.</summary>
    public IReadOnlyList<BenchmarkDifference> Benchmarks { get; } = [];

    /// <summary>The first step at which the first's mean curve is as good as the second's best point; null: never.</summary>
    public int? FirstReachesSecond => First.StepsToReach(Second.BestPoint?.Value);

    /// <summary>The reverse.</summary>
    public int? SecondReachesFirst => Second.StepsToReach(First.BestPoint?.Value);

    /// <summary>Of each benchmark, of each problem, the first run's score less the second's.</summary>
    private static double[][] Differences(CellResult first, CellResult second) =>
        [.. first.ScoresByBenchmark.Zip(second.ScoresByBenchmark, (a, b) => a.Zip(b, (x, y) => x - y).ToArray())];
}
