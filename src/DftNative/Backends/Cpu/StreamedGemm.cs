using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace DftNative.Backends.Cpu;

/// <summary>C = alpha · A · Bᵀ + beta · C for a few rows of A, as in decoding: B streams from memory once and is never packed.</summary>
/// <remarks>
/// A square of B at a time is transposed in registers and multiplied while it is in the first-level cache. An element of
/// C is the same chain of multiply-adds over k, in the same blocks, as <see cref="BlockedGemm{TOperations,TVector}"/>
/// makes it: a row of a product is the same to the bit however many rows are beside it.
/// </remarks>
internal static unsafe class StreamedGemm<TOperations, TVector>
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : unmanaged
{
    /// <summary>The most rows of A; past them packing B repays itself.</summary>
    public const int MaxRows = 16;

    /// <summary>Rows at a time: as many sums as stay in registers beside a square of B.</summary>
    private const int GroupRows = 8;

    // What the workspace holds of A, in whole blocks of k.
    private const int MaxSteps = GemmWorkspace.NBlock / MaxRows * GemmWorkspace.KBlock;

    /// <summary>The product; see <see cref="Gemm.Multiply"/> for the parameters.</summary>
    /// <param name="m">Rows of C, at most <see cref="MaxRows"/>.</param>
    /// <param name="n">Columns of C: whole vectors.</param>
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
        float* packed = GemmWorkspace.Current.B;
        for (int start = 0; start < k; start += MaxSteps)
        {
            int steps = Math.Min(MaxSteps, k - start);
            for (int row = 0; row < m && m > 1; row += GroupRows)
                GemmPacking.Transpose(a + (row * lda) + start, lda, steps, Math.Min(GroupRows, m - row), packed + ((nint)row * steps), GroupRows);
            for (int column = 0; column < n; column += TOperations.Count)
            {
                float* rows = b + (column * ldb) + start;
                for (int row = 0; row < m; row += GroupRows)
                {
                    float* group = m > 1 ? packed + ((nint)row * steps) : a + start;
                    MultiplyGroup(Math.Min(GroupRows, m - row), steps, group, m > 1 ? GroupRows : 1, rows, ldb, alpha, start == 0 ? beta : 1, c + (row * ldc) + column, ldc);
                }
            }
        }
    }

    /// <summary>A vector of columns of C, block by block of k.</summary>
    private static void MultiplyGroup(int rows, int k, float* a, nint aStride, float* b, nint ldb, float alpha, float beta, float* c, nint ldc)
    {
        float* square = GemmWorkspace.Current.A;
        float* rest = square + (TOperations.Count * TOperations.Count);
        for (int step = 0; step < k; step += GemmWorkspace.KBlock)
        {
            int steps = Math.Min(GemmWorkspace.KBlock, k - step);
            int whole = steps / TOperations.Count * TOperations.Count;
            if (whole < steps)
                GemmPacking.Transpose(b + step + whole, ldb, steps - whole, TOperations.Count, rest, TOperations.Count);

            // The same rows' next block, then the next rows' first one: far enough for memory, near enough for the cache.
            float* ahead = step + steps < k ? b + step + steps : b + (TOperations.Count * ldb);
            Multiply(rows, steps, a + (step * aStride), aStride, b + step, ldb, ahead, &alpha, &beta, c, ldc, square, rest);
            beta = 1;
        }
    }

    private static void Multiply(
        int rows, int k, float* a, nint aStride, float* b, nint ldb, float* ahead, float* alpha, float* beta, float* c, nint ldc, float* square, float* rest)
    {
        switch (rows)
        {
            case 1:
                Multiply<Constant.One>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 2:
                Multiply<Constant.Two>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 3:
                Multiply<Constant.Three>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 4:
                Multiply<Constant.Four>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 5:
                Multiply<Constant.Five>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 6:
                Multiply<Constant.Six>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            case 7:
                Multiply<Constant.Seven>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
            default:
                Multiply<Constant.Eight>(k, a, aStride, b, ldb, ahead, alpha, beta, c, ldc, square, rest);
                break;
        }
    }

    // Optimised at its first call, and the factors by address, for the reasons that GemmKernel has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows>(
        int k, float* a, nint aStride, float* b, nint ldb, float* ahead, float* alpha, float* beta, float* c, nint ldc, float* square, float* rest)
        where TRows : struct, IConstant
    {
        GemmKernelRow<TOperations, TVector> row0 = default, row1 = default, row2 = default, row3 = default;
        GemmKernelRow<TOperations, TVector> row4 = default, row5 = default, row6 = default, row7 = default;
        for (; k > 0; k -= TOperations.Count)
        {
            float* columns = k < TOperations.Count ? rest : square;
            if (columns == square)
                TOperations.Transpose(b, ldb, square, TOperations.Count);
            for (int step = 0; step < Math.Min(k, TOperations.Count); step++)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch1(ahead + (step * ldb));
                TVector column = TOperations.Load(columns + (step * TOperations.Count));
                row0 = row0.Add<Constant.One>(TOperations.Broadcast(a[0]), column, default, default);
                if (TRows.Value > 1)
                    row1 = row1.Add<Constant.One>(TOperations.Broadcast(a[1]), column, default, default);
                if (TRows.Value > 2)
                    row2 = row2.Add<Constant.One>(TOperations.Broadcast(a[2]), column, default, default);
                if (TRows.Value > 3)
                    row3 = row3.Add<Constant.One>(TOperations.Broadcast(a[3]), column, default, default);
                if (TRows.Value > 4)
                    row4 = row4.Add<Constant.One>(TOperations.Broadcast(a[4]), column, default, default);
                if (TRows.Value > 5)
                    row5 = row5.Add<Constant.One>(TOperations.Broadcast(a[5]), column, default, default);
                if (TRows.Value > 6)
                    row6 = row6.Add<Constant.One>(TOperations.Broadcast(a[6]), column, default, default);
                if (TRows.Value > 7)
                    row7 = row7.Add<Constant.One>(TOperations.Broadcast(a[7]), column, default, default);
                a += aStride;
            }
            ahead += TOperations.Count;
            b += TOperations.Count;
        }
        row0.Store<Constant.One>(*alpha, *beta, c);
        if (TRows.Value > 1)
            row1.Store<Constant.One>(*alpha, *beta, c + ldc);
        if (TRows.Value > 2)
            row2.Store<Constant.One>(*alpha, *beta, c + (2 * ldc));
        if (TRows.Value > 3)
            row3.Store<Constant.One>(*alpha, *beta, c + (3 * ldc));
        if (TRows.Value > 4)
            row4.Store<Constant.One>(*alpha, *beta, c + (4 * ldc));
        if (TRows.Value > 5)
            row5.Store<Constant.One>(*alpha, *beta, c + (5 * ldc));
        if (TRows.Value > 6)
            row6.Store<Constant.One>(*alpha, *beta, c + (6 * ldc));
        if (TRows.Value > 7)
            row7.Store<Constant.One>(*alpha, *beta, c + (7 * ldc));
    }
}
