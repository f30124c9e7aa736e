namespace DftNative.Cuda.Interop;

/// <summary>An attribute of a product's description (cublasLt.h 12.4), as far as it is used here.</summary>
public enum cublasLtMatmulDescAttributes_t
{
    /// <summary><see cref="cublasOperation_t"/> of A; none without.</summary>
    CUBLASLT_MATMUL_DESC_TRANSA = 3,

    /// <summary><see cref="cublasOperation_t"/> of B; none without.</summary>
    CUBLASLT_MATMUL_DESC_TRANSB = 4,

    /// <summary><see cref="cublasLtEpilogue_t"/>.</summary>
    CUBLASLT_MATMUL_DESC_EPILOGUE = 7,

    /// <summary>Device address of the bias.</summary>
    CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8,

    /// <summary><see cref="cudaDataType"/> of the bias; that of D without.</summary>
    CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26,
}
