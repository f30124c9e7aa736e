namespace DftNative.Cuda.Interop;

/// <summary>An event: a place in a stream, and when it was passed.</summary>
public readonly record struct CUevent(nint Value);
