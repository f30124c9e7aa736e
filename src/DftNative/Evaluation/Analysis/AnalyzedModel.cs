namespace DftNative.Evaluation.Analysis;

/// <summary>A model of an analysis.</summary>
/// <param name="Name">Short, and different from the others'.</param>
/// <param name="Path">Where it was loaded from.</param>
/// <param name="Targets">What it says of every target.</param>
public sealed record AnalyzedModel(string Name, string Path, ScoredTargets Targets);
