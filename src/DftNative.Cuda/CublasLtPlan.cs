using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// A problem's descriptions for the library, and the algorithm that was chosen. The library is column-major: a row-major
/// matrix is the transpose of a column-major one, so its A is the right operand, its B the left one, its D the result's
/// transpose. A bias for each column of the result is then one for each row of D, as the epilogue has it.
/// </summary>
internal sealed unsafe class CublasLtPlan : IDisposable
{
    private readonly cublasLtHandle_t handle;
    private readonly CublasLtProblem problem;
    private cublasLtMatmulDesc_t description;
    private cublasLtMatrixLayout_t a, b, d;
    private cublasLtMatmulAlgo_t algorithm;

    /// <summary>Describes the problem; an algorithm is still to be chosen.</summary>
    public CublasLtPlan(cublasLtHandle_t handle, in CublasLtProblem problem)
    {
        this.handle = handle;
        this.problem = problem;
        CudaResources.AddCublasLtObject(1);
        try
        {
            Describe();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The algorithm in use.</summary>
    public cublasLtMatmulAlgo_t Algorithm
    {
        get => algorithm;
        set => algorithm = value;
    }

    /// <summary>What the heuristics propose, the first choice first; empty where the library has no algorithm.</summary>
    /// <param name="count">At most this many.</param>
    /// <param name="workspaceSizeInBytes">What an algorithm may need.</param>
    /// <param name="bias">The bias that the first product will have.</param>
    public cublasLtMatmulHeuristicResult_t[] Propose(int count, long workspaceSizeInBytes, CUdeviceptr bias)
    {
        SetBias(bias);
        var results = new cublasLtMatmulHeuristicResult_t[count];
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulPreferenceCreate(out var preference));
        CudaResources.AddCublasLtObject(1);
        try
        {
            var workspace = (ulong)workspaceSizeInBytes;
            CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulPreferenceSetAttribute(
                preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof(ulong)));

            // Partial sums are kept in fp32 and added in a fixed order: results repeat, and lose nothing to rounding between.
            Set(preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, (uint)cublasLtReductionScheme_t.CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE);
            Set(preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, (uint)problem.RightAlignment);
            Set(preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, (uint)problem.LeftAlignment);
            Set(preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, (uint)problem.ResultAlignment);
            Set(preference, cublasLtMatmulPreferenceAttributes_t.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, (uint)problem.ResultAlignment);
            fixed (cublasLtMatmulHeuristicResult_t* pointer = results)
            {
                var status = CublasLtLibrary.cublasLtMatmulAlgoGetHeuristic(
                    handle, description, a, b, d, d, preference, count, pointer, out var returned);
                if (status == cublasStatus_t.CUBLAS_STATUS_NOT_SUPPORTED) return [];
                CudaCheck.ThrowIfProductFailed(status, problem);
                return [.. results.Take(returned).Where(result => result.state == cublasStatus_t.CUBLAS_STATUS_SUCCESS)];
            }
        }
        finally
        {
            CudaResources.AddCublasLtObject(-1);
            CudaCheck.ThrowIfReleaseFailed(CublasLtLibrary.cublasLtMatmulPreferenceDestroy(preference));
        }
    }

    /// <summary>Whether an algorithm that was stored can be used here.</summary>
    public bool Accepts(cublasLtMatmulAlgo_t stored, long workspaceSizeInBytes)
    {
        cublasLtMatmulHeuristicResult_t result;
        return CublasLtLibrary.cublasLtMatmulAlgoCheck(handle, description, a, b, d, d, &stored, &result) == cublasStatus_t.CUBLAS_STATUS_SUCCESS
            && (long)result.workspaceSize <= workspaceSizeInBytes;
    }

    /// <summary>Queues the product.</summary>
    public void Run(
        CUdeviceptr left, CUdeviceptr right, CUdeviceptr result, bool accumulate, CUdeviceptr bias, CUdeviceptr workspace,
        long workspaceSizeInBytes, CUstream stream)
    {
        var alpha = 1f;
        var beta = accumulate ? 1f : 0f;
        SetBias(bias);
        fixed (cublasLtMatmulAlgo_t* chosen = &algorithm)
        {
            CudaCheck.ThrowIfProductFailed(
                CublasLtLibrary.cublasLtMatmul(
                    handle, description, &alpha, right, a, left, b, &beta, result, d, result, d, chosen, workspace,
                    (nuint)workspaceSizeInBytes, stream),
                problem);
        }
    }

    /// <summary>Ends the descriptions.</summary>
    public void Dispose()
    {
        CudaResources.AddCublasLtObject(-1);
        foreach (var layout in (ReadOnlySpan<cublasLtMatrixLayout_t>)[a, b, d])
        {
            if (layout != default) CudaCheck.ThrowIfReleaseFailed(CublasLtLibrary.cublasLtMatrixLayoutDestroy(layout));
        }

        if (description != default) CudaCheck.ThrowIfReleaseFailed(CublasLtLibrary.cublasLtMatmulDescDestroy(description));
    }

    private static void Set(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute, uint value) =>
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof(uint)));

    private void Describe()
    {
        const cudaDataType operandType = cudaDataType.CUDA_R_16BF;
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulDescCreate(
            out description, cublasComputeType_t.CUBLAS_COMPUTE_32F, cudaDataType.CUDA_R_32F));
        Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSA, (uint)Operation(problem.TransposeRight));
        Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_TRANSB, (uint)Operation(problem.TransposeLeft));
        if (problem.HasBias)
        {
            Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_EPILOGUE, (uint)cublasLtEpilogue_t.CUBLASLT_EPILOGUE_BIAS);
            Set(cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, (uint)operandType);
        }

        var (rows, columns, depth) = ((ulong)problem.Rows, (ulong)problem.Columns, (ulong)problem.Depth);
        var (aRows, aColumns) = problem.TransposeRight ? (depth, columns) : (columns, depth);
        var (bRows, bColumns) = problem.TransposeLeft ? (rows, depth) : (depth, rows);
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatrixLayoutCreate(out a, operandType, aRows, aColumns, problem.RightRowStride));
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatrixLayoutCreate(out b, operandType, bRows, bColumns, problem.LeftRowStride));
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatrixLayoutCreate(out d, problem.ResultType, columns, rows, problem.ResultRowStride));

        static cublasOperation_t Operation(bool transposed) => transposed ? cublasOperation_t.CUBLAS_OP_T : cublasOperation_t.CUBLAS_OP_N;
    }

    private void Set(cublasLtMatmulDescAttributes_t attribute, uint value) =>
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof(uint)));

    private void SetBias(CUdeviceptr bias)
    {
        if (!problem.HasBias) return;
        CudaCheck.ThrowIfFailed(CublasLtLibrary.cublasLtMatmulDescSetAttribute(
            description, cublasLtMatmulDescAttributes_t.CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, (nuint)sizeof(CUdeviceptr)));
    }
}
