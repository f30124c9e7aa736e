namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>An answer is no mathematics that the parser knows; it is then compared as text.</summary>
internal sealed class MathSyntaxException(string message) : Exception(message);
