namespace DftNative.Cuda.Interop;

/// <summary>What is done to an operand (cublas_api.h 12.4).</summary>
public enum cublasOperation_t
{
    /// <summary>Nothing.</summary>
    CUBLAS_OP_N = 0,

    /// <summary>It is transposed.</summary>
    CUBLAS_OP_T = 1,
}
