namespace DftNative.Cuda.Interop;

/// <summary>A status of cuBLAS (cublas_api.h 12.4). Only those that the code tells apart have a name here; the library names the others.</summary>
public enum cublasStatus_t
{
    /// <summary>No error.</summary>
    CUBLAS_STATUS_SUCCESS = 0,

    /// <summary>There is no context, or the library could not begin.</summary>
    CUBLAS_STATUS_NOT_INITIALIZED = 1,

    /// <summary>Parameters contradict each other.</summary>
    CUBLAS_STATUS_INVALID_VALUE = 7,

    /// <summary>The device reported an error, perhaps of earlier work.</summary>
    CUBLAS_STATUS_EXECUTION_FAILED = 13,

    /// <summary>No algorithm does this.</summary>
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
}
