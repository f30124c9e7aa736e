using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A row-major matrix in device memory, as an operand of <see cref="CublasLt"/>.</summary>
/// <param name="Pointer">The first element.</param>
/// <param name="Rows">The number of rows, at least 1.</param>
/// <param name="Columns">The number of columns, at least 1.</param>
/// <param name="RowStride">Elements from one row's begin to the next's, at least <paramref name="Columns"/>.</param>
/// <param name="DataType">bf16, or fp32 for a result.</param>
public readonly record struct CublasLtMatrix(CUdeviceptr Pointer, int Rows, int Columns, long RowStride, cudaDataType DataType);
