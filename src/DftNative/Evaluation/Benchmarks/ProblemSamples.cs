namespace DftNative.Evaluation.Benchmarks;

/// <summary>A problem with all that was sampled for it: a row of samples.jsonl.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Number">The problem's number in it from 0.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Samples">The samples in their order; none where it could not be put to the model.</param>
public sealed record ProblemSamples(string Benchmark, int Number, BenchmarkProblem Problem, IReadOnlyList<GradedSample> Samples)
{
    /// <summary>Why it could not be put to the model, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The answer that most samples agree on, or null.</summary>
    public MajorityVote? Majority { get; init; }

    /// <summary>How many samples are right.</summary>
    public int RightCount => Samples.Count(static sample => sample.Verdict == SampleVerdict.Right);
}
