using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>
/// cuBLASLt under its own names, as cublasLt.h 12.4 declares them. Matrices are column-major. Nothing is checked here:
/// <see cref="CudaCheck"/> does.
/// </summary>
public static unsafe partial class CublasLtLibrary
{
    static CublasLtLibrary() => CudaLibraryResolver.Register();

    /// <summary>10000·major + 100·minor + patch of the library.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial nuint cublasLtGetVersion();

    /// <summary>1000·major + 10·minor of the CUDA that the library was built with.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial nuint cublasLtGetCudartVersion();

    /// <summary>A static string: the status's name.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial byte* cublasLtGetStatusName(cublasStatus_t status);

    /// <summary>A static string: the status in words.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial byte* cublasLtGetStatusString(cublasStatus_t status);

    /// <summary>Begins to use the library on the thread's context.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtCreate(out cublasLtHandle_t handle);

    /// <summary>Ends it.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle);

    /// <summary>Describes a product; <paramref name="scaleType"/> is that of alpha and beta.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulDescCreate(
        out cublasLtMatmulDesc_t description, cublasComputeType_t computeType, cudaDataType scaleType);

    /// <summary>Ends a description.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description);

    /// <summary>Sets an attribute; the size is checked.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulDescSetAttribute(
        cublasLtMatmulDesc_t description, cublasLtMatmulDescAttributes_t attribute, void* value, nuint sizeInBytes);

    /// <summary>Describes a column-major matrix.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatrixLayoutCreate(
        out cublasLtMatrixLayout_t layout, cudaDataType type, ulong rows, ulong columns, long leadingDimension);

    /// <summary>Ends a layout.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout);

    /// <summary>Makes a preference that allows everything but workspace.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulPreferenceCreate(out cublasLtMatmulPreference_t preference);

    /// <summary>Ends a preference.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference);

    /// <summary>Sets an attribute; the size is checked.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulPreferenceSetAttribute(
        cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute, void* value, nuint sizeInBytes);

    /// <summary>Writes up to <paramref name="requestedCount"/> algorithms, the one that should be the fastest first.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
        cublasLtHandle_t handle, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
        cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preference, int requestedCount,
        cublasLtMatmulHeuristicResult_t* results, out int returnedCount);

    /// <summary>Whether an algorithm can do a product here, and the workspace that it needs.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmulAlgoCheck(
        cublasLtHandle_t handle, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
        cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d, cublasLtMatmulAlgo_t* algorithm,
        cublasLtMatmulHeuristicResult_t* result);

    /// <summary>Queues D = alpha·op(A)·op(B) + beta·C, with the epilogue; alpha and beta are read before it returns.</summary>
    [LibraryImport(CudaLibrary.CublasLt)]
    public static partial cublasStatus_t cublasLtMatmul(
        cublasLtHandle_t handle, cublasLtMatmulDesc_t description, void* alpha, CUdeviceptr a, cublasLtMatrixLayout_t aLayout,
        CUdeviceptr b, cublasLtMatrixLayout_t bLayout, void* beta, CUdeviceptr c, cublasLtMatrixLayout_t cLayout, CUdeviceptr d,
        cublasLtMatrixLayout_t dLayout, cublasLtMatmulAlgo_t* algorithm, CUdeviceptr workspace, nuint workspaceSizeInBytes,
        CUstream stream);
}
