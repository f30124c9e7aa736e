using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments;

/// <summary>What came of a setting's runs on one of several benchmarks.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="Values">Of each run, in the order of the setting's, the share of right answers.</param>
/// <param name="OverProblems">Their mean, with its 95 % interval over problems, see <see cref="SettingSummary.OverProblems"/>.</param>
public sealed record BenchmarkSummary(string Name, IReadOnlyList<double> Values, Estimate OverProblems)
{
    /// <summary>The share of right answers, the mean over the runs.</summary>
    public double Mean => OverProblems.Value;
}
