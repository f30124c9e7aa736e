namespace DftNative.Cuda;

/// <summary>What became of a library.</summary>
/// <param name="Name">"driver", "NVRTC" or "cuBLASLt".</param>
/// <param name="Path">The file it was loaded from; null where it was not found.</param>
/// <param name="Version">Its version, of the driver the newest CUDA that it knows; null where it cannot be told.</param>
/// <param name="Attempts">Every place that was looked at, in order.</param>
/// <param name="Problem">What is wrong and what to do, in one sentence; null where nothing is.</param>
public sealed record CudaLibraryReport(
    string Name, string? Path, Version? Version, IReadOnlyList<CudaLibraryAttempt> Attempts, string? Problem);
