namespace DftNative.Cuda.Interop;

/// <summary>The type in which products are summed (cublas_api.h 12.4).</summary>
public enum cublasComputeType_t
{
    /// <summary>fp32; bf16 operands go through the tensor cores.</summary>
    CUBLAS_COMPUTE_32F = 68,
}
