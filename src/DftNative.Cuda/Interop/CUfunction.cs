namespace DftNative.Cuda.Interop;

/// <summary>A kernel of a module.</summary>
public readonly record struct CUfunction(nint Value);
