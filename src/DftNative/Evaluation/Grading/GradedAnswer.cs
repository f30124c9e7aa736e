namespace DftNative.Evaluation.Grading;

/// <summary>A graded prediction.</summary>
/// <param name="Extracted">The answer found in it; null if none was.</param>
/// <param name="IsEqual">Whether it means the same as the reference.</param>
public sealed record GradedAnswer(string? Extracted, bool IsEqual);
