namespace DftNative.Evaluation.Benchmarks;

/// <summary>A value with a 95 % confidence interval.</summary>
/// <param name="Value">The value.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public readonly record struct Estimate(double Value, double Low, double High);
