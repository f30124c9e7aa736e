namespace DftNative.Cuda.Interop;

/// <summary>A context: a process's state on a device.</summary>
public readonly record struct CUcontext(nint Value);
