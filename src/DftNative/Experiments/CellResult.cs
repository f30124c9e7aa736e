namespace DftNative.Experiments;

/// <summary>What came of a run.</summary>
public sealed record CellResult
{
    /// <summary>Why it has no result; null: it has one.</summary>
    public string? Failure { get; init; }

    /// <summary>Of each problem, in their order, the share of its sampled answers that are right; empty: none were sampled.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>The benchmarks whose problems <see cref="Scores"/> are of, one's after another's; empty: they are one set.</summary>
    public IReadOnlyList<ScoredBenchmark> Benchmarks { get; init; } = [];

    /// <summary>The problems that could not be put to the model, each with why; in <see cref="Scores"/> they are wrong.</summary>
    public IReadOnlyList<string> Unasked { get; init; } = [];

    /// <summary>Share of right greedy answers; null: none were made.</summary>
    public double? GreedyAccuracy { get; init; }

    /// <summary>NLL per token of right solutions, or of the held-out rows.</summary>
    public double EvalNll { get; init; }

    /// <summary>Mean p of the same tokens.</summary>
    public double MeanTokenProbability { get; init; }

    /// <summary>Optimizer steps.</summary>
    public int StepCount { get; init; }

    /// <summary>The learning curve, step 0 included where it was measured.</summary>
    public IReadOnlyList<ExperimentCurvePoint> Curve { get; init; } = [];

    /// <summary>Seconds in steps, without evaluations.</summary>
    public double TrainingSeconds { get; init; }

    /// <summary>Tokens trained on.</summary>
    public long TrainingTokens { get; init; }

    /// <summary>The mean over <see cref="Benchmarks"/>, whatever their sizes, of the mean of each one's <see cref="Scores"/>; null: none were sampled.</summary>
    public double? Accuracy => Scores.Count == 0 ? null : ScoresByBenchmark.Average(scores => scores.Average());

    /// <summary>Of each benchmark, of each of its problems; <see cref="Scores"/> as one set where there are no benchmarks.</summary>
    internal IReadOnlyList<double[]> ScoresByBenchmark => ScoredBenchmark.Split(Scores, Benchmarks);
}
