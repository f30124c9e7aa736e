namespace DftNative.Cuda.Interop;

/// <summary>What the heuristics may choose.</summary>
public readonly record struct cublasLtMatmulPreference_t(nint Value);
