namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>How one wrapper fared on a device.</summary>
/// <param name="Wrapper">The function in kernels/*.cuh.</param>
/// <param name="Instruction">The PTX instruction behind it.</param>
/// <param name="Failure">What was expected and what came; null where all was as the PTX manual says.</param>
public sealed record SelfTestResult(string Wrapper, string Instruction, string? Failure);
