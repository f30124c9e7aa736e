using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>Matrix products in C#, for machines without OpenBLAS.</summary>
/// <remarks>
/// Blocked as in Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34(3), 2008), with the roles of
/// A and B exchanged since rows are contiguous here: a block of B stays packed in the second-level cache while eight rows of A at a
/// time pass through the first. Sums run over k in a fixed order, a multiply-add chain for every <see cref="GemmWorkspace.KBlock"/> steps,
/// whatever the number of rows: a row of a product does not depend on the others.
/// </remarks>
internal sealed unsafe class ManagedGemm : Gemm
{
    private readonly bool _useVector512;

    /// <summary>Makes the product for this processor's vectors.</summary>
    /// <param name="reason">Why nothing faster is used, for <see cref="Gemm.Description"/>.</param>
    public ManagedGemm(string reason)
        : this(reason, Vector512.IsHardwareAccelerated)
    {
    }

    /// <summary>Makes the product with a given vector width, for tests.</summary>
    /// <param name="reason">Why nothing faster is used.</param>
    /// <param name="useVector512">Whether to use AVX-512 and not <see cref="Vector{T}"/>.</param>
    internal ManagedGemm(string reason, bool useVector512)
    {
        _useVector512 = useVector512;
        Description = $"managed {VectorName(useVector512)} GEMM ({reason})";
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>The vectors' name in descriptions.</summary>
    internal static string VectorName(bool useVector512) => useVector512 ? "AVX-512" : $"{Vector<byte>.Count * 8}-bit";

    /// <inheritdoc/>
    public override void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        if (m == 0 || n == 0)
            return;
        if (k == 0 || alpha == 0)
            Scale(m, n, beta, c, ldc);
        else if (_useVector512)
            Multiply<Vector512Operations, Vector512<float>>(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        else
            Multiply<VectorOperations, Vector<float>>(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    private static void Multiply<TOperations, TVector>(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float* a, nint lda, float* b, nint ldb, float beta, float* c, nint ldc)
        where TOperations : struct, IVectorOperations<TVector>
        where TVector : unmanaged
    {
        if (transposeB && !transposeA && m <= StreamedGemm<TOperations, TVector>.MaxRows)
        {
            int whole = n / TOperations.Count * TOperations.Count;
            StreamedGemm<TOperations, TVector>.Multiply(m, whole, k, alpha, a, lda, b, ldb, beta, c, ldc);
            n -= whole;
            b += whole * ldb;
            c += whole;
        }

        BlockedGemm<TOperations, TVector>.Multiply(transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    }

    private static void Scale(int m, int n, float beta, float* c, nint ldc)
    {
        for (int row = 0; row < m; row++)
        {
            var values = new Span<float>(c + (row * ldc), n);
            if (beta == 0)
                values.Clear();
            else
                TensorPrimitives.Multiply(values, beta, values);
        }
    }
}
