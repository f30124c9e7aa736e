using DftNative.Evaluation.Benchmarks;

namespace DftNative.Experiments;

/// <summary>Two settings compared on one of several benchmarks.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="OverProblems">The first's share of right answers less the second's, with its 95 % interval by the paired bootstrap over the benchmark's problems.</param>
/// <param name="PValue">Of the paired permutation test over them.</param>
public sealed record BenchmarkDifference(string Name, Estimate OverProblems, double PValue);
