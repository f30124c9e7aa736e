namespace DftNative.Cuda.Interop;

/// <summary>A device: an int, not a pointer.</summary>
public readonly record struct CUdevice(int Value);
