namespace DftNative.Cuda.Interop;

/// <summary>An attribute of a preference (cublasLt.h 12.4), as far as it is used here.</summary>
public enum cublasLtMatmulPreferenceAttributes_t
{
    /// <summary>uint64: the workspace that there is; 0 without.</summary>
    CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,

    /// <summary>uint32: the <see cref="cublasLtReductionScheme_t"/> that are allowed; all without.</summary>
    CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK = 3,

    /// <summary>uint32: what A's address is a multiple of; 256 without.</summary>
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5,

    /// <summary>uint32: likewise of B.</summary>
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6,

    /// <summary>uint32: likewise of C.</summary>
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7,

    /// <summary>uint32: likewise of D.</summary>
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8,
}
