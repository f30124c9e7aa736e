namespace DftNative.Cuda.Interop;

/// <summary>How the parts of a sum over k are added (cublasLt.h 12.4): bits of a mask.</summary>
[Flags]
public enum cublasLtReductionScheme_t : uint
{
    /// <summary>The sum has one part.</summary>
    CUBLASLT_REDUCTION_SCHEME_NONE = 0,

    /// <summary>In the result itself.</summary>
    CUBLASLT_REDUCTION_SCHEME_INPLACE = 1,

    /// <summary>In the workspace, in the compute type.</summary>
    CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE = 2,

    /// <summary>In the workspace, in the result's type.</summary>
    CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE = 4,
}
