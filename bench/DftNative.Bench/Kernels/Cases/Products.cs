using System.Numerics.Tensors;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Sums of products in fp64.</summary>
internal static class Products
{
    /// <summary>Σ a·b.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => TensorPrimitives.Dot(a, b);

    /// <summary>sum += factor·a.</summary>
    public static void AddScaled(Span<double> sum, ReadOnlySpan<double> a, double factor) => TensorPrimitives.MultiplyAdd(a, factor, sum, sum);

    /// <summary>Every <paramref name="stride"/>-th number of an operand: a column.</summary>
    public static double[] Column(Operand operand, int column, int rows, int stride) =>
        [.. Enumerable.Range(0, rows).Select(row => operand[((long)row * stride) + column])];
}
