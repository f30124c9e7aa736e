namespace DftNative.Cuda;

/// <summary>A plan as a file keeps it.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Library">cuBLASLt's version.</param>
/// <param name="Problem">The problem, as <see cref="CublasLtProblem.ToString"/> gives it.</param>
/// <param name="Algorithm">The 64 bytes of the algorithm, hexadecimal.</param>
internal sealed record CublasLtStoredPlan(string Device, string Library, string Problem, string Algorithm);
