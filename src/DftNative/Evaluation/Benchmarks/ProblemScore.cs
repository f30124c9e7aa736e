using DftNative.Evaluation.Grading;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>What of a problem's samples the results are computed from.</summary>
/// <param name="Number">The problem's number.</param>
/// <param name="RightCount">Samples that are right.</param>
/// <param name="IsMajorityRight">Whether the most frequent answer is right.</param>
/// <param name="VerdictCounts">Samples by verdict.</param>
/// <param name="CutOffCount">Samples that were ended by a limit.</param>
/// <param name="TokenCount">Tokens of all samples.</param>
/// <param name="Unparsed">Samples whose answers could not be read.</param>
/// <param name="UnparsedReference">The reference answer, where it is no mathematics that could be read: samples are compared with its text; else null.</param>
/// <param name="Error">Why it could not be put to the model, or null.</param>
public sealed record ProblemScore(
    int Number, int RightCount, bool IsMajorityRight, IReadOnlyList<int> VerdictCounts, int CutOffCount, long TokenCount, IReadOnlyList<int> Unparsed, string? UnparsedReference, string? Error)
{
    /// <summary>The score of a problem's samples.</summary>
    public static ProblemScore Of(ProblemSamples problem) => new(
        problem.Number,
        problem.RightCount,
        problem.Majority is { IsRight: true },
        [.. SampleVerdicts.All.Select(entry => problem.Samples.Count(sample => sample.Verdict == entry.Verdict))],
        problem.Samples.Count(static sample => !sample.Stopped),
        problem.Samples.Sum(static sample => (long)sample.TokenCount),
        [.. Enumerable.Range(0, problem.Samples.Count).Where(sample => problem.Samples[sample].Verdict == SampleVerdict.Unparsed)],
        AnswerGrader.IsMathematics(problem.Problem.Answer) ? null : problem.Problem.Answer,
        problem.Error);
}
