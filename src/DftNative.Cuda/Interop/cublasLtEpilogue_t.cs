namespace DftNative.Cuda.Interop;

/// <summary>What follows the product (cublasLt.h 12.4).</summary>
public enum cublasLtEpilogue_t : uint
{
    /// <summary>Nothing.</summary>
    CUBLASLT_EPILOGUE_DEFAULT = 1,

    /// <summary>A vector with an element for each row of the column-major result is added.</summary>
    CUBLASLT_EPILOGUE_BIAS = 4,
}
