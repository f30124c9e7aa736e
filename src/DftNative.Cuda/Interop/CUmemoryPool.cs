namespace DftNative.Cuda.Interop;

/// <summary>A pool of device memory.</summary>
public readonly record struct CUmemoryPool(nint Value);
