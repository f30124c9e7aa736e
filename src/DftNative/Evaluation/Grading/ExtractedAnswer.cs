namespace DftNative.Evaluation.Grading;

/// <summary>An answer found in a text.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Rule">How it was found.</param>
public sealed record ExtractedAnswer(string Text, ExtractionRule Rule);
