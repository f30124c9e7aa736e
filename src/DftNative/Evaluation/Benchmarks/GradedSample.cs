using DftNative.Evaluation.Grading;
using DftNative.Generation;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>A sampled answer with its verdict.</summary>
/// <param name="Text">What the model wrote.</param>
/// <param name="Extracted">The answer found in it, or null.</param>
/// <param name="Verdict">What it is worth.</param>
/// <param name="Stopped">Whether it came to an end of its own, and not to a limit.</param>
/// <param name="TokenCount">Its tokens, the one that ended it included.</param>
public sealed record GradedSample(string Text, string? Extracted, SampleVerdict Verdict, bool Stopped, int TokenCount)
{
    /// <summary>Grades a sequence.</summary>
    /// <param name="sequence">Of a generator with a tokenizer.</param>
    /// <param name="problem">Has the reference.</param>
    public static GradedSample Grade(GeneratedSequence sequence, BenchmarkProblem problem)
    {
        var graded = AnswerGrader.Grade(sequence.Text!, problem.Answer, problem.AnswerAfter);
        var verdict = graded.IsEqual ? SampleVerdict.Right
            : graded.Extracted is not { } extracted ? SampleVerdict.NoAnswer
            : AnswerGrader.IsMathematics(extracted) ? SampleVerdict.Wrong : SampleVerdict.Unparsed;
        return new GradedSample(sequence.Text!, graded.Extracted, verdict, sequence.Stopped, sequence.Tokens.Length);
    }
}
