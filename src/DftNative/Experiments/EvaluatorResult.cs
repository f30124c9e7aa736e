namespace DftNative.Experiments;

/// <summary>What an evaluator found of a model.</summary>
/// <param name="Scores">Of each problem, in an order that is always the same, the share of its answers that are right.</param>
public sealed record EvaluatorResult(IReadOnlyList<double> Scores)
{
    /// <summary>The benchmarks whose problems <see cref="Scores"/> are of, one's after another's; each weighs the same. Empty: they are one set.</summary>
    public IReadOnlyList<ScoredBenchmark> Benchmarks { get; init; } = [];

    /// <summary>The problems that could not be put to the model, each with why; in <see cref="Scores"/> they are wrong.</summary>
    public IReadOnlyList<string> Unasked { get; init; } = [];
}
