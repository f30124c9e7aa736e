namespace DftNative.Cuda.Interop;

/// <summary>A program of NVRTC.</summary>
public readonly record struct nvrtcProgram(nint Value);
