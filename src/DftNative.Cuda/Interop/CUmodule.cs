namespace DftNative.Cuda.Interop;

/// <summary>A loaded module.</summary>
public readonly record struct CUmodule(nint Value);
