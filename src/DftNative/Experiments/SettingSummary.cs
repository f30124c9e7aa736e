using DftNative.Evaluation.Benchmarks;
using DftNative.Experiments.Statistics;

namespace DftNative.Experiments;

/// <summary>What came of a setting's runs.</summary>
public sealed class SettingSummary
{
    private const ulong StatisticsSeed = 20_251_124;

    private readonly Lazy<Estimate?> overProblems;
    private readonly Lazy<IReadOnlyList<BenchmarkSummary>> benchmarks;

    /// <summary>Summarises runs.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="metric">What they are compared by.</param>
    /// <param name="curveMetric">What their curves show.</param>
    /// <param name="sharesProblems">Whether all seeds answer the same problems.</param>
    /// <param name="seedCount">Runs that there are to be.</param>
    /// <param name="runs">The finished ones that did not fail, in the order of their seeds.</param>
    internal SettingSummary(ExperimentSetting setting, ExperimentMetric metric, ExperimentMetric curveMetric, bool sharesProblems, int seedCount, IReadOnlyList<SeedResult> runs)
    {
        (Setting, Metric, CurveMetric, SharesProblems, SeedCount, Runs) = (setting, metric, curveMetric, sharesProblems, seedCount, runs);
        overProblems = new Lazy<Estimate?>(EstimateOverProblems);
        benchmarks = new Lazy<IReadOnlyList<BenchmarkSummary>>(SummarizeBenchmarks);
        Curve = SummarizeCurve();
        if (runs.Count == 0) return;
        double[] values = [.. runs.Select(run => ValueOf(run.Result))];
        Mean = values.Average();
        OverSeeds = StudentT.MeanInterval(values);
        if (metric == ExperimentMetric.Accuracy && OverSeeds is { } interval) OverSeeds = interval with { Low = Math.Max(0, interval.Low), High = Math.Min(1, interval.High) };
    }

    /// <summary>The setting.</summary>
    public ExperimentSetting Setting { get; }

    /// <summary>What runs are compared by.</summary>
    public ExperimentMetric Metric { get; }

    /// <summary>What the curves show: answers may have been sampled after training alone.</summary>
    public ExperimentMetric CurveMetric { get; }

    /// <summary>Whether all seeds answer the same problems.</summary>
    public bool SharesProblems { get; }

    /// <summary>Runs that there are to be.</summary>
    public int SeedCount { get; }

    /// <summary>The finished runs that did not fail.</summary>
    public IReadOnlyList<SeedResult> Runs { get; }

    /// <summary>The mean of the metric over <see cref="Runs"/>; null: there are none.</summary>
    public double? Mean { get; }

    /// <summary>Its 95 % interval by Student's t over seeds: how far it is from the mean of endlessly many; null for fewer than two runs, and where all are alike.</summary>
    public Estimate? OverSeeds { get; }

    /// <summary>
    /// Its 95 % interval over problems: how far these very models' is from that on endlessly many problems of the kind. By
    /// the bootstrap over problems, each benchmark's drawn among themselves and their scores averaged over seeds, where seeds share them; else, and where none or all are right, by Wilson's formula of
    /// all verdicts. Null where answers were not sampled, and of several benchmarks where none or all are right.
    /// </summary>
    public Estimate? OverProblems => overProblems.Value;

    /// <summary>Each of the benchmarks that <see cref="Mean"/> is the mean over; empty: there are fewer than two.</summary>
    public IReadOnlyList<BenchmarkSummary> Benchmarks => benchmarks.Value;

    /// <summary>Share of right greedy answers; null: none were made.</summary>
    public double? GreedyAccuracy => Average(run => run.GreedyAccuracy);

    /// <summary>NLL per token of right solutions, or of the held-out rows.</summary>
    public double? EvalNll => Average(run => run.EvalNll);

    /// <summary>Mean p of the same tokens.</summary>
    public double? MeanTokenProbability => Average(run => run.MeanTokenProbability);

    /// <summary>The learning curve over the runs; the steps that all of them have.</summary>
    public IReadOnlyList<CurveSummaryPoint> Curve { get; }

    /// <summary>The best point of <see cref="Curve"/> behind step 0; null: there is none.</summary>
    public CurveSummaryPoint? BestPoint => Curve.Where(point => point.Step > 0).MaxBy(point => Quality(CurveMetric, point.Value));

    /// <summary>The first point of <see cref="Curve"/> behind step 0 that is at least as good as <paramref name="value"/>; null: none is.</summary>
    public int? StepsToReach(double? value) =>
        value is { } goal ? Curve.Where(point => point.Step > 0 && Quality(CurveMetric, point.Value) >= Quality(CurveMetric, goal)).Select(point => (int?)point.Step).FirstOrDefault() : null;

    /// <summary>The best of some settings by their mean; of equals the one whose curve is better on average, then the first. Null: none has a run.</summary>
    public static SettingSummary? Best(IEnumerable<SettingSummary> settings) =>
        settings.Where(setting => setting.Mean is not null)
            .OrderByDescending(setting => Quality(setting.Metric, setting.Mean!.Value))
            .ThenByDescending(setting => setting.Curve.Count == 0 ? double.NegativeInfinity : setting.Curve.Average(point => Quality(setting.CurveMetric, point.Value)))
            .FirstOrDefault();

    /// <summary>The metric of a run.</summary>
    internal double ValueOf(CellResult result) => Metric == ExperimentMetric.Accuracy ? result.Accuracy!.Value : result.EvalNll;

    /// <summary>A value of the metric, negated where lower is better.</summary>
    private static double Quality(ExperimentMetric metric, double value) => metric == ExperimentMetric.Accuracy ? value : -value;

    private Estimate? EstimateOverProblems()
    {
        if (Metric != ExperimentMetric.Accuracy || Runs.Count == 0) return null;
        var problems = FindProblems();
        if (!SharesProblems && problems.Count == 1) return WilsonInterval.Of(Mean!.Value, Count(problems[0]));
        // Problems of which none or all were answered are alike however they are drawn: that is no certainty.
        if (Mean is not (0 or 1)) return Bootstrap.MeanOverBenchmarks(problems, StatisticsSeed);
        return problems.Count == 1 ? WilsonInterval.Of(Mean.Value, Count(problems[0])) : null;
    }

    private static int Count(IReadOnlyList<double[]> groups) => groups.Sum(group => group.Length);

    private IReadOnlyList<BenchmarkSummary> SummarizeBenchmarks()
    {
        if (Runs.Count == 0 || Runs[0].Result.Benchmarks is not { Count: > 1 } names) return [];
        return
        [
            .. FindProblems().Select((groups, i) => new BenchmarkSummary(
                names[i].Name, [.. Runs.Select(run => run.Result.ScoresByBenchmark[i].Average())], EstimateOf(groups))),
        ];
    }

    private static Estimate EstimateOf(IReadOnlyList<double[]> groups)
    {
        var estimate = Bootstrap.Mean(groups, StatisticsSeed)!.Value;
        return estimate.Value is 0 or 1 ? WilsonInterval.Of(estimate.Value, Count(groups))!.Value : estimate;
    }

    /// <summary>Of each benchmark its groups of independent problems.</summary>
    private IReadOnlyList<IReadOnlyList<double[]>> FindProblems() => ProblemGroups.OfBenchmarks([.. Runs.Select(run => run.Result.ScoresByBenchmark)], SharesProblems);

    private double? Average(Func<CellResult, double?> select) => Runs.Count == 0 ? null : Runs.Average(run => select(run.Result));

    private List<CurveSummaryPoint> SummarizeCurve() =>
    [
        .. from point in Runs.SelectMany(run => run.Result.Curve)
           group point by point.Step into points
           where points.Count() == Runs.Count
           orderby points.Key
           let values = points.Select(point => CurveMetric == ExperimentMetric.Accuracy ? point.Accuracy ?? double.NaN : point.EvalNll).ToArray()
           select new CurveSummaryPoint(points.Key, values.Average(), values.Min(), values.Max(), points.Average(point => point.EvalNll), points.Average(point => point.TrainingNll)),
    ];
}
