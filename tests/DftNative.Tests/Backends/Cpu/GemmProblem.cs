using System.Runtime.InteropServices;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Backends.Cpu;

/// <summary>Random operands of one product, and what a <see cref="Gemm"/> should make of them.</summary>
internal sealed unsafe class GemmProblem
{
    private const float Guard = 12345.678f;
    private const int GuardElements = 64;
    private readonly bool _transposeA, _transposeB;
    private readonly int _m, _n, _k, _lda, _ldb, _ldc;
    private readonly float[] _a, _b, _c;

    public GemmProblem(Random random, bool transposeA, bool transposeB, int m, int n, int k, int extraStride)
    {
        (_transposeA, _transposeB, _m, _n, _k) = (transposeA, transposeB, m, n, k);
        // BLAS wants strides of at least one even where there are no elements.
        _lda = Math.Max(1, transposeA ? m : k) + extraStride;
        _ldb = Math.Max(1, transposeB ? k : n) + (2 * extraStride);
        _ldc = Math.Max(1, n) + extraStride;
        _a = Fill(random, (transposeA ? k : m) * _lda);
        _b = Fill(random, (transposeB ? n : k) * _ldb);
        _c = Fill(random, m * _ldc);
    }

    public void FillC(float value) => Array.Fill(_c, value);

    /// <summary>The product's C [m, ldc] with guard elements either side, from operands moved by a number of elements off a 64-byte line.</summary>
    public float[] Multiply(Gemm gemm, float alpha, float beta, int offset)
    {
        float* a = Place(_a, offset, out nint aBlock);
        float* b = Place(_b, offset * 3, out nint bBlock);
        float[] c = new float[_c.Length + (2 * GuardElements) + 16];
        Array.Fill(c, Guard);
        fixed (float* block = c)
        {
            float* start = block + GuardElements + (offset % 16);
            _c.CopyTo(new Span<float>(start, _c.Length));
            gemm.Multiply(_transposeA, _transposeB, _m, _n, _k, alpha, a, _lda, b, _ldb, beta, start, _ldc);
        }
        NativeMemory.AlignedFree((void*)aBlock);
        NativeMemory.AlignedFree((void*)bBlock);
        int first = GuardElements + (offset % 16);
        float[] result = c[first..(first + _c.Length)];
        bool isIntact = c.AsSpan(0, first).IndexOfAnyExcept(Guard) < 0 && c.AsSpan(first + _c.Length).IndexOfAnyExcept(Guard) < 0;
        return isIntact ? result : throw new InvalidOperationException("the product wrote outside C");
    }

    /// <summary>The first element that is wrong, in words, or null.</summary>
    public string? Compare(float[] actual, float alpha, float beta)
    {
        for (int row = 0; row < _m; row++)
        {
            for (int column = 0; column < _n; column++)
            {
                double sum = 0, magnitude = 0;
                for (int i = 0; i < _k; i++)
                {
                    double product = (double)_a[_transposeA ? (i * _lda) + row : (row * _lda) + i] * _b[_transposeB ? (column * _ldb) + i : (i * _ldb) + column];
                    sum += product;
                    magnitude += Math.Abs(product);
                }
                double before = beta == 0 ? 0 : (double)beta * _c[(row * _ldc) + column];
                double expected = (alpha * sum) + before;
                double bound = 2 * (_k + 2) * Math.Pow(2, -24) * ((Math.Abs(alpha) * magnitude) + Math.Abs(before));
                float value = actual[(row * _ldc) + column];
                if (!(Math.Abs(value - expected) <= bound))
                    return $"[{row}, {column}] is {value:R}, not {expected:R} within {bound:R}";
            }
            for (int column = _n; column < _ldc; column++)
            {
                int index = (row * _ldc) + column;
                if (BitConverter.SingleToInt32Bits(actual[index]) != BitConverter.SingleToInt32Bits(_c[index]))
                    return $"[{row}, {column}] is past the row and was written";
            }
        }
        return null;
    }

    private static float* Place(float[] values, int offset, out nint block)
    {
        void* memory = NativeMemory.AlignedAlloc((nuint)(values.Length + 16) * sizeof(float), 64);
        block = (nint)memory;
        float* start = (float*)memory + (offset % 16);
        values.CopyTo(new Span<float>(start, values.Length));
        return start;
    }

    private static float[] Fill(Random random, int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (random.NextSingle() * 2) - 1;
        return values;
    }
}
