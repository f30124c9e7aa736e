namespace DftNative.Evaluation.Benchmarks;

/// <summary>A problem of a benchmark.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Answer">The reference answer, without the worked solution that it may stand in.</param>
public sealed record BenchmarkProblem(string Question, string Answer)
{
    /// <summary>The text behind which a model's answer stands; null: it is looked for as in any text.</summary>
    public string? AnswerAfter { get; init; }
}
