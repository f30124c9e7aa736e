namespace DftNative.Cuda.Interop;

/// <summary>A matrix's type, shape and leading dimension.</summary>
public readonly record struct cublasLtMatrixLayout_t(nint Value);
