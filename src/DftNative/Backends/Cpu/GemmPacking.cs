using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DftNative.Backends.Cpu;

/// <summary>Copies blocks of a matrix into the order in which the microkernel reads them: [k, width], k outermost.</summary>
/// <remarks>Lanes past the last element are filled with something finite where the block's elements are: their results are thrown away.</remarks>
internal static unsafe class GemmPacking
{
    private const int Block = 8;

    /// <summary>Packs a block stored k-major, [k, count], which is only a copy.</summary>
    /// <param name="source">The block's first element.</param>
    /// <param name="stride">Floats between steps of k in the source.</param>
    /// <param name="k">Steps of k.</param>
    /// <param name="count">Elements at each step, at most <paramref name="width"/>.</param>
    /// <param name="destination">[k, width].</param>
    /// <param name="width">Floats between steps of k in the destination.</param>
    public static void Copy(float* source, nint stride, int k, int count, float* destination, int width)
    {
        for (int step = 0; step < k; step++)
        {
            new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
            for (int i = count; i < width; i++)
                destination[i] = 0;
            source += stride;
            destination += width;
        }
    }

    /// <summary>Packs a block stored the other way round, [count, k].</summary>
    /// <param name="source">The block's first element.</param>
    /// <param name="stride">Floats between the block's rows in the source.</param>
    /// <param name="k">Steps of k.</param>
    /// <param name="count">Rows, at most <paramref name="width"/>.</param>
    /// <param name="destination">[k, width].</param>
    /// <param name="width">Floats between steps of k in the destination.</param>
    public static void Transpose(float* source, nint stride, int k, int count, float* destination, int width)
    {
        if (Avx512F.IsSupported && width == count && width % Vector512Operations.Count == 0)
        {
            int whole = k / Vector512Operations.Count * Vector512Operations.Count;
            for (int row = 0; row < width; row += Vector512Operations.Count)
                TransposeSixteenRows(source + (row * stride), stride, whole, destination + row, width);
            source += whole;
            destination += (nint)whole * width;
            k -= whole;
        }
        if (Avx.IsSupported && width % Block == 0)
        {
            for (int row = 0; row < width; row += Block)
                TransposeEightRows(source, stride, k, row, count - 1, destination + row, width);
            return;
        }
        for (int row = 0; row < width; row++)
        {
            float* line = source + (Math.Min(row, count - 1) * stride);
            for (int step = 0; step < k; step++)
                destination[(step * width) + row] = line[step];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSixteenRows(float* source, nint stride, int k, float* destination, nint width)
    {
        for (int step = 0; step < k; step += Vector512Operations.Count)
            Vector512Operations.Transpose(source + step, stride, destination + (step * width), width);
    }

    /// <param name="source">The first element of row 0.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <param name="k">Steps of k.</param>
    /// <param name="row">The first of the eight rows.</param>
    /// <param name="lastRow">The last row there is; it stands in for those past it.</param>
    /// <param name="destination">[k, 8].</param>
    /// <param name="width">Floats between steps of k in the destination.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeEightRows(float* source, nint stride, int k, int row, int lastRow, float* destination, nint width)
    {
        float* r0 = source + (Math.Min(row, lastRow) * stride);
        float* r1 = source + (Math.Min(row + 1, lastRow) * stride);
        float* r2 = source + (Math.Min(row + 2, lastRow) * stride);
        float* r3 = source + (Math.Min(row + 3, lastRow) * stride);
        float* r4 = source + (Math.Min(row + 4, lastRow) * stride);
        float* r5 = source + (Math.Min(row + 5, lastRow) * stride);
        float* r6 = source + (Math.Min(row + 6, lastRow) * stride);
        float* r7 = source + (Math.Min(row + 7, lastRow) * stride);
        nint step = 0;
        for (; step <= k - Block; step += Block)
        {
            TransposeBlock(Join(r0, r4, step), Join(r1, r5, step), Join(r2, r6, step), Join(r3, r7, step), destination, width);
            TransposeBlock(Join(r0, r4, step + 4), Join(r1, r5, step + 4), Join(r2, r6, step + 4), Join(r3, r7, step + 4), destination + (4 * width), width);
            destination += Block * width;
        }
        for (; step < k; step++)
        {
            destination[0] = r0[step];
            destination[1] = r1[step];
            destination[2] = r2[step];
            destination[3] = r3[step];
            destination[4] = r4[step];
            destination[5] = r5[step];
            destination[6] = r6[step];
            destination[7] = r7[step];
            destination += width;
        }
    }

    /// <summary>Four floats of one row below four of the row four further down: a 4 x 4 transpose in each half then needs no crossing between halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Join(float* low, float* high, nint step) =>
        Vector256.Create(Vector128.Load(low + step), Vector128.Load(high + step));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeBlock(Vector256<float> r04, Vector256<float> r15, Vector256<float> r26, Vector256<float> r37, float* destination, nint width)
    {
        Vector256<double> low01 = Avx.UnpackLow(r04, r15).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(r04, r15).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(r26, r37).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(r26, r37).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(destination + width);
        Avx.UnpackLow(high01, high23).AsSingle().Store(destination + (2 * width));
        Avx.UnpackHigh(high01, high23).AsSingle().Store(destination + (3 * width));
    }
}
