namespace DftNative.Cuda;

/// <summary>One place where a library was looked for.</summary>
/// <param name="Path">The file; a name without a folder was left to the loader.</param>
/// <param name="Failure">Why it was not taken; null where it was.</param>
public sealed record CudaLibraryAttempt(string Path, string? Failure);
