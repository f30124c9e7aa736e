namespace DftNative.Cuda;

/// <summary>A GPU as the driver tells of it.</summary>
/// <param name="Ordinal">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="ComputeCapability">9.0 for an H200.</param>
/// <param name="TotalMemoryInBytes">Its memory.</param>
/// <param name="MultiprocessorCount">Its SMs.</param>
/// <param name="Problem">Why it cannot be used; null where it can.</param>
public sealed record CudaDeviceReport(
    int Ordinal, string Name, Version ComputeCapability, long TotalMemoryInBytes, int MultiprocessorCount, string? Problem);
