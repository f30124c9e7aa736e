namespace DftNative.Cuda.Interop;

/// <summary>A stream; default is the null stream.</summary>
public readonly record struct CUstream(nint Value);
