using System.Runtime.CompilerServices;

namespace DftNative.Backends.Cpu;

/// <summary>C = alpha · A · Bᵀ + beta · C for a few rows of A, as dot products straight from memory: packing B would cost more than it saves.</summary>
/// <remarks>This is what decoding does, a token at a time: B is read once, three rows side by side, at the speed of memory.</remarks>
internal static unsafe class DotProductGemm<TOperations, TVector>
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : unmanaged
{
    /// <summary>The most rows of A; past them the packing of B repays itself.</summary>
    public const int MaxRows = 4;

    private const int Columns = 3;

    // Four rows of so many steps are 64 KiB, part of what the workspace has for B.
    private const int KBlock = 4096;

    /// <summary>The product; see <see cref="Gemm.Multiply"/> for the parameters.</summary>
    /// <param name="m">Rows of C, at most <see cref="MaxRows"/>.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">The inner dimension.</param>
    /// <param name="alpha">Factor on the product.</param>
    /// <param name="a">A [m, k].</param>
    /// <param name="lda">Floats between rows of A.</param>
    /// <param name="b">B [n, k].</param>
    /// <param name="ldb">Floats between rows of B.</param>
    /// <param name="beta">Factor on C before.</param>
    /// <param name="c">C [m, n].</param>
    /// <param name="ldc">Floats between rows of C.</param>
    public static void Multiply(int m, int n, int k, float alpha, float* a, nint lda, float* b, nint ldb, float beta, float* c, nint ldc)
    {
        float* sums = stackalloc float[MaxRows * Columns];
        float* packed = GemmWorkspace.Current.B;
        for (int step = 0; step < k; step += KBlock)
        {
            int steps = Math.Min(KBlock, k - step);
            PackA(m, steps, a + step, lda, packed);
            for (int column = 0; column < n; column += Columns)
            {
                int columns = Math.Min(Columns, n - column);
                Multiply(m, steps, packed, b + (column * ldb) + step, ldb, columns, sums);
                Store(m, columns, sums, alpha, step == 0 ? beta : 1, c + column, ldc);
            }
        }
    }

    /// <summary>Packs A to [k / vector, rows, vector], zero past k: rows a power of two apart would fall on the same lines of the cache.</summary>
    private static void PackA(int rows, int k, float* a, nint lda, float* packed)
    {
        for (int step = 0; step < k; step += TOperations.Count)
        {
            int count = Math.Min(TOperations.Count, k - step);
            for (int row = 0; row < rows; row++)
            {
                var lanes = new Span<float>(packed, TOperations.Count);
                new ReadOnlySpan<float>(a + (row * lda) + step, count).CopyTo(lanes);
                lanes[count..].Clear();
                packed += TOperations.Count;
            }
        }
    }

    private static void Store(int rows, int columns, float* sums, float alpha, float beta, float* c, nint ldc)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                float* element = c + (row * ldc) + column;
                float product = alpha * sums[(row * Columns) + column];
                *element = beta == 0 ? product : product + (beta * *element);
            }
        }
    }

    private static void Multiply(int rows, int k, float* a, float* b, nint ldb, int columns, float* sums)
    {
        switch (rows)
        {
            case 1:
                Multiply<Constant.One>(k, a, b, ldb, columns, sums);
                break;
            case 2:
                Multiply<Constant.Two>(k, a, b, ldb, columns, sums);
                break;
            case 3:
                Multiply<Constant.Three>(k, a, b, ldb, columns, sums);
                break;
            default:
                Multiply<Constant.Four>(k, a, b, ldb, columns, sums);
                break;
        }
    }

    // Past the last row of B, that row stands in for the missing ones; what comes of it is not used.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows>(int k, float* a, float* b, nint ldb, int columns, float* sums)
        where TRows : struct, IConstant
    {
        float* second = columns > 1 ? b + ldb : b;
        float* third = columns > 2 ? second + ldb : second;
        GemmKernelRow<TOperations, TVector> row0 = default, row1 = default, row2 = default, row3 = default;
        nint step = 0;
        for (; step <= k - TOperations.Count; step += TOperations.Count)
        {
            TVector b0 = TOperations.Load(b + step);
            TVector b1 = TOperations.Load(second + step);
            TVector b2 = TOperations.Load(third + step);
            row0 = row0.Add<Constant.Three>(TOperations.Load(a), b0, b1, b2);
            if (TRows.Value > 1)
                row1 = row1.Add<Constant.Three>(TOperations.Load(a + TOperations.Count), b0, b1, b2);
            if (TRows.Value > 2)
                row2 = row2.Add<Constant.Three>(TOperations.Load(a + (2 * TOperations.Count)), b0, b1, b2);
            if (TRows.Value > 3)
                row3 = row3.Add<Constant.Three>(TOperations.Load(a + (3 * TOperations.Count)), b0, b1, b2);
            a += TRows.Value * TOperations.Count;
        }
        Sum(row0, sums);
        if (TRows.Value > 1)
            Sum(row1, sums + Columns);
        if (TRows.Value > 2)
            Sum(row2, sums + (2 * Columns));
        if (TRows.Value > 3)
            Sum(row3, sums + (3 * Columns));
        for (nint lane = 0; step + lane < k; lane++)
        {
            for (int row = 0; row < TRows.Value; row++)
            {
                float value = a[(row * TOperations.Count) + lane];
                sums[row * Columns] += value * b[step + lane];
                sums[(row * Columns) + 1] += value * second[step + lane];
                sums[(row * Columns) + 2] += value * third[step + lane];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sum(GemmKernelRow<TOperations, TVector> row, float* sums) => (sums[0], sums[1], sums[2]) = row.Sums;
}
