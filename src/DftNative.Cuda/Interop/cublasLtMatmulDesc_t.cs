namespace DftNative.Cuda.Interop;

/// <summary>A description of a product: types, transposes, epilogue.</summary>
public readonly record struct cublasLtMatmulDesc_t(nint Value);
