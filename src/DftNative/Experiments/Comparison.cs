namespace DftNative.Experiments;

/// <summary>What a comparison has found so far: a function of its finished runs alone.</summary>
public sealed class Comparison
{
    // Tests of pairs take seconds of many problems, and who only looks for the best setting does not need them.
    private readonly Lazy<IReadOnlyList<PairSummary>> sameSettingPairs;
    private readonly Lazy<IReadOnlyList<PairSummary>> bestSettingPairs;

    /// <summary>Draws up a comparison.</summary>
    /// <param name="experiment">What it compares.</param>
    /// <param name="cells">Its runs, those of grids whose learning rate is not known yet left out, in their order.</param>
    /// <param name="results">The finished ones' results, by the run's name.</param>
    internal Comparison(Experiment experiment, IReadOnlyList<ExperimentCell> cells, IReadOnlyDictionary<string, CellResult> results)
    {
        Experiment = experiment;
        FinishedCount = cells.Count(cell => results.ContainsKey(cell.Name));
        Failures = [.. cells.Where(cell => results.TryGetValue(cell.Name, out var result) && result.Failure is not null).Select(cell => (cell, results[cell.Name].Failure!))];
        Unasked = [.. cells.Where(cell => results.ContainsKey(cell.Name)).SelectMany(cell => results[cell.Name].Unasked).Distinct()];
        Benchmarks = results.Values.Select(result => result.Benchmarks).FirstOrDefault(benchmarks => benchmarks.Count > 1) ?? [];
        Metric = results.Values.All(result => result.Failure is not null || result.Accuracy is not null) ? ExperimentMetric.Accuracy : ExperimentMetric.EvalNll;
        CurveMetric = results.Values.SelectMany(result => result.Curve).All(point => point.Accuracy is not null) ? ExperimentMetric.Accuracy : ExperimentMetric.EvalNll;
        Settings =
        [
            .. cells.GroupBy(cell => cell.Setting).Select(group => new SettingSummary(
                group.Key, Metric, CurveMetric, experiment.SharesProblems, group.Count(),
                [.. group.Where(cell => results.TryGetValue(cell.Name, out var result) && result.Failure is null).Select(cell => new SeedResult(cell.Seed, results[cell.Name]))])),
        ];
        Untrained = FindUntrained();
        BestSettings = [.. Settings.GroupBy(setting => setting.Setting.Loss).Select(SettingSummary.Best).OfType<SettingSummary>()];
        sameSettingPairs = new(() => [.. Settings.GroupBy(setting => (setting.Setting.LearningRate, setting.Setting.BatchSize)).SelectMany(group => PairsOf([.. group]))]);
        bestSettingPairs = new(() => [.. PairsOf(BestSettings)]);
    }

    /// <summary>What it compares.</summary>
    public Experiment Experiment { get; }

    /// <summary>What runs are compared by.</summary>
    public ExperimentMetric Metric { get; }

    /// <summary>What the learning curves show.</summary>
    public ExperimentMetric CurveMetric { get; }

    /// <summary>The benchmarks that accuracies are the mean over, each weighing the same; empty: there are fewer than two.</summary>
    public IReadOnlyList<ScoredBenchmark> Benchmarks { get; }

    /// <summary>Runs that are finished, failed ones among them.</summary>
    public int FinishedCount { get; }

    /// <summary>Whether every run is finished.</summary>
    public bool IsComplete => FinishedCount == Experiment.CellCount;

    /// <summary>The runs that failed, and why.</summary>
    public IReadOnlyList<(ExperimentCell Cell, string Reason)> Failures { get; }

    /// <summary>The problems that could not be put to the models, each with why; they count as wrong.</summary>
    public IReadOnlyList<string> Unasked { get; }

    /// <summary>Every setting, in the order of the grids.</summary>
    public IReadOnlyList<SettingSummary> Settings { get; }

    /// <summary>What the curves show of the model before training, their step 0: the mean over seeds; null: it was not measured.</summary>
    public double? Untrained { get; }

    /// <summary>Of each loss the setting with the best mean, by the very problems that it is reported on.</summary>
    public IReadOnlyList<SettingSummary> BestSettings { get; }

    /// <summary>Every two losses with the same learning rate and batch size.</summary>
    public IReadOnlyList<PairSummary> SameSettingPairs => sameSettingPairs.Value;

    /// <summary>Every two losses, each with its best setting.</summary>
    public IReadOnlyList<PairSummary> BestSettingPairs => bestSettingPairs.Value;

    private double? FindUntrained()
    {
        var bySeed =
            from run in Settings.SelectMany(setting => setting.Runs)
            from point in run.Result.Curve
            where point.Step == 0
            group CurveMetric == ExperimentMetric.Accuracy ? point.Accuracy : point.EvalNll by run.Seed into points
            select points.First();
        return bySeed.Average();
    }

    /// <summary>The later loss less the earlier: differences then say what the new one brings. Of those that have a seed in common.</summary>
    private static IEnumerable<PairSummary> PairsOf(IReadOnlyList<SettingSummary> settings) =>
        from second in Enumerable.Range(0, settings.Count)
        from first in Enumerable.Range(second + 1, settings.Count - second - 1)
        let pair = new PairSummary(settings[first], settings[second])
        where pair.Difference is not null
        select pair;
}
