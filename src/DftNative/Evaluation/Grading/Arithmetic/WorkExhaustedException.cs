namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>A comparison takes longer than an answer is worth; the answers then count as different.</summary>
internal sealed class WorkExhaustedException() : Exception("the comparison takes too long");
