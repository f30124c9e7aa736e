using System.Runtime.CompilerServices;

namespace DftNative.Backends.Cpu;

/// <summary>The microkernel: a block of C of up to eight rows by three vectors, held in registers over the whole of k.</summary>
/// <remarks>Each element of C is one chain of multiply-adds over k whatever the block's size, so that a result does not depend on how C was cut.</remarks>
internal static unsafe class GemmKernel<TOperations, TVector>
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats between the steps of k in packed A.</summary>
    public const int AStride = 8;

    /// <summary>C = alpha · A · B + beta · C for a block of C; where beta is 0, C is not read.</summary>
    /// <param name="rows">Rows of C, 1 to <see cref="IVectorOperations{TVector}.Rows"/>.</param>
    /// <param name="vectors">Columns of C in vectors, 1 to 3.</param>
    /// <param name="k">The inner dimension.</param>
    /// <param name="a">A, packed: [k, <see cref="AStride"/>].</param>
    /// <param name="b">B [k, vectors].</param>
    /// <param name="bStride">Floats between rows of B.</param>
    /// <param name="alpha">Factor on the product.</param>
    /// <param name="beta">Factor on C before.</param>
    /// <param name="c">C [rows, vectors].</param>
    /// <param name="ldc">Floats between rows of C.</param>
    public static void Multiply(int rows, int vectors, int k, float* a, float* b, nint bStride, float alpha, float beta, float* c, nint ldc)
    {
        switch (vectors)
        {
            case 1:
                Multiply<Constant.One>(rows, k, a, b, bStride, &alpha, &beta, c, ldc);
                break;
            case 2:
                Multiply<Constant.Two>(rows, k, a, b, bStride, &alpha, &beta, c, ldc);
                break;
            default:
                Multiply<Constant.Three>(rows, k, a, b, bStride, &alpha, &beta, c, ldc);
                break;
        }
    }

    private static void Multiply<TColumns>(int rows, int k, float* a, float* b, nint bStride, float* alpha, float* beta, float* c, nint ldc)
        where TColumns : struct, IConstant
    {
        switch (rows)
        {
            case 1:
                Multiply<Constant.One, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 2:
                Multiply<Constant.Two, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 3:
                Multiply<Constant.Three, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 4:
                Multiply<Constant.Four, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 5:
                Multiply<Constant.Five, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 6:
                Multiply<Constant.Six, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            case 7:
                Multiply<Constant.Seven, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
            default:
                Multiply<Constant.Eight, TColumns>(k, a, b, bStride, alpha, beta, c, ldc);
                break;
        }
    }

    // Optimised at its first call: the runtime's first tier would keep every accumulator in memory. The factors come by address since
    // as values they would hold registers through the loop, which AVX2 has none to spare for.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TRows, TColumns>(int k, float* a, float* b, nint bStride, float* alpha, float* beta, float* c, nint ldc)
        where TRows : struct, IConstant
        where TColumns : struct, IConstant
    {
        GemmKernelRow<TOperations, TVector> row0 = default, row1 = default, row2 = default, row3 = default;
        GemmKernelRow<TOperations, TVector> row4 = default, row5 = default, row6 = default, row7 = default;
        for (; k > 0; k--)
        {
            TVector b0 = TOperations.Load(b);
            TVector b1 = TColumns.Value > 1 ? TOperations.Load(b + TOperations.Count) : default;
            TVector b2 = TColumns.Value > 2 ? TOperations.Load(b + (2 * TOperations.Count)) : default;
            row0 = row0.Add<TColumns>(TOperations.Broadcast(a[0]), b0, b1, b2);
            if (TRows.Value > 1)
                row1 = row1.Add<TColumns>(TOperations.Broadcast(a[1]), b0, b1, b2);
            if (TRows.Value > 2)
                row2 = row2.Add<TColumns>(TOperations.Broadcast(a[2]), b0, b1, b2);
            if (TRows.Value > 3)
                row3 = row3.Add<TColumns>(TOperations.Broadcast(a[3]), b0, b1, b2);
            if (TRows.Value > 4)
                row4 = row4.Add<TColumns>(TOperations.Broadcast(a[4]), b0, b1, b2);
            if (TRows.Value > 5)
                row5 = row5.Add<TColumns>(TOperations.Broadcast(a[5]), b0, b1, b2);
            if (TRows.Value > 6)
                row6 = row6.Add<TColumns>(TOperations.Broadcast(a[6]), b0, b1, b2);
            if (TRows.Value > 7)
                row7 = row7.Add<TColumns>(TOperations.Broadcast(a[7]), b0, b1, b2);
            a += AStride;
            b += bStride;
        }
        row0.Store<TColumns>(*alpha, *beta, c);
        if (TRows.Value > 1)
            row1.Store<TColumns>(*alpha, *beta, c + ldc);
        if (TRows.Value > 2)
            row2.Store<TColumns>(*alpha, *beta, c + (2 * ldc));
        if (TRows.Value > 3)
            row3.Store<TColumns>(*alpha, *beta, c + (3 * ldc));
        if (TRows.Value > 4)
            row4.Store<TColumns>(*alpha, *beta, c + (4 * ldc));
        if (TRows.Value > 5)
            row5.Store<TColumns>(*alpha, *beta, c + (5 * ldc));
        if (TRows.Value > 6)
            row6.Store<TColumns>(*alpha, *beta, c + (6 * ldc));
        if (TRows.Value > 7)
            row7.Store<TColumns>(*alpha, *beta, c + (7 * ldc));
    }
}
