using System.Globalization;
using System.Numerics;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// What a plan of <see cref="CublasLt"/> is for: everything that a choice of algorithm depends on. Row-major:
/// result [<paramref name="Rows"/>, <paramref name="Columns"/>] = op(left) · op(right), a sum over <paramref name="Depth"/>.
/// </summary>
/// <param name="Rows">Rows of the result and of op(left).</param>
/// <param name="Columns">Columns of the result and of op(right).</param>
/// <param name="Depth">Columns of op(left), rows of op(right).</param>
/// <param name="TransposeLeft">Whether op transposes the left operand.</param>
/// <param name="TransposeRight">Whether op transposes the right operand.</param>
/// <param name="LeftRowStride">Elements between the left operand's rows, as it lies in memory.</param>
/// <param name="RightRowStride">Likewise of the right operand.</param>
/// <param name="ResultRowStride">Likewise of the result.</param>
/// <param name="ResultType">fp32 or bf16; the operands are bf16.</param>
/// <param name="HasBias">Whether a vector of the result's type is added to each row.</param>
/// <param name="LeftAlignment">What the left operand's address is a multiple of: a power of two, at most 16.</param>
/// <param name="RightAlignment">Likewise of the right operand.</param>
/// <param name="ResultAlignment">Likewise of the result.</param>
public readonly record struct CublasLtProblem(
    int Rows, int Columns, int Depth, bool TransposeLeft, bool TransposeRight, long LeftRowStride, long RightRowStride,
    long ResultRowStride, cudaDataType ResultType, bool HasBias, int LeftAlignment, int RightAlignment, int ResultAlignment)
{
    /// <summary>The widest access of a kernel; that an address is aligned further changes nothing, and would only split plans.</summary>
    private const int LargestAlignment = 16;

    /// <summary>Floating-point operations of the product.</summary>
    public long FlopCount => 2L * Rows * Columns * Depth;

    /// <summary>The problem of some operands.</summary>
    /// <exception cref="ArgumentException">Their shapes, strides or types do not fit.</exception>
    internal static CublasLtProblem Of(
        in CublasLtMatrix left, bool transposeLeft, in CublasLtMatrix right, bool transposeRight, in CublasLtMatrix result,
        CUdeviceptr bias)
    {
        var (rows, depth) = transposeLeft ? (left.Columns, left.Rows) : (left.Rows, left.Columns);
        var (rightDepth, columns) = transposeRight ? (right.Columns, right.Rows) : (right.Rows, right.Columns);
        if (rightDepth != depth || result.Rows != rows || result.Columns != columns)
            throw new ArgumentException($"{Describe(left, transposeLeft)} times {Describe(right, transposeRight)} is no {Describe(result, false)}");
        if (rows < 1 || columns < 1 || depth < 1)
            throw new ArgumentException($"{Describe(left, transposeLeft)} times {Describe(right, transposeRight)} is an empty product");
        if (left.RowStride < left.Columns || right.RowStride < right.Columns || result.RowStride < result.Columns)
            throw new ArgumentException($"row strides {left.RowStride}, {right.RowStride}, {result.RowStride} are below the columns of {Describe(left, transposeLeft)} times {Describe(right, transposeRight)}");
        if (left.DataType != cudaDataType.CUDA_R_16BF || right.DataType != cudaDataType.CUDA_R_16BF)
            throw new ArgumentException($"operands are {left.DataType} and {right.DataType}, and must be bf16");
        return new CublasLtProblem(
            rows, columns, depth, transposeLeft, transposeRight, left.RowStride, right.RowStride, result.RowStride, result.DataType,
            bias != default, Alignment(left.Pointer), Alignment(right.Pointer), Alignment(result.Pointer));
    }

    /// <summary>The problem in words; the same problem has the same words, which are its key in a store of plans.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Rows}x{Columns}x{Depth} bf16{(TransposeLeft ? "^T" : "")} bf16{(TransposeRight ? "^T" : "")} {(ResultType == cudaDataType.CUDA_R_16BF ? "bf16" : "fp32")}{(HasBias ? " bias" : "")} strides {LeftRowStride} {RightRowStride} {ResultRowStride} aligned {LeftAlignment} {RightAlignment} {ResultAlignment}");

    private static int Alignment(CUdeviceptr address) =>
        1 << Math.Min(BitOperations.TrailingZeroCount(address.Value), BitOperations.Log2(LargestAlignment));

    private static string Describe(in CublasLtMatrix matrix, bool transposed) =>
        $"[{matrix.Rows}, {matrix.Columns}]{(transposed ? "ᵀ" : "")}";
}
