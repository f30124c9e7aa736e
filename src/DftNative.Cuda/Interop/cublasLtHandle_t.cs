namespace DftNative.Cuda.Interop;

/// <summary>A cuBLASLt library context.</summary>
public readonly record struct cublasLtHandle_t(nint Value);
