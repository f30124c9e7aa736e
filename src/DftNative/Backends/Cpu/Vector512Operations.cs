using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DftNative.Backends.Cpu;

/// <summary>AVX-512: 32 registers of 16 floats.</summary>
internal readonly unsafe struct Vector512Operations : IVectorOperations<Vector512<float>>
{
    /// <inheritdoc/>
    public static int Count => Vector512<float>.Count;

    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.FusedMultiplyAdd(left, right, addend);

    /// <inheritdoc/>
    /// <remarks>In four rounds of exchanges: pairs, then fours, within quarters of a register; then the quarters. A line of the source is read once, so that rows a power of two apart do not matter.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(float* source, nint stride, float* destination, nint width)
    {
        TransposeFour(source, stride, out Vector512<float> a0, out Vector512<float> a1, out Vector512<float> a2, out Vector512<float> a3);
        TransposeFour(source + (4 * stride), stride, out Vector512<float> b0, out Vector512<float> b1, out Vector512<float> b2, out Vector512<float> b3);
        TransposeFour(source + (8 * stride), stride, out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3);
        TransposeFour(source + (12 * stride), stride, out Vector512<float> d0, out Vector512<float> d1, out Vector512<float> d2, out Vector512<float> d3);
        StoreQuarters(a0, b0, c0, d0, destination, width);
        StoreQuarters(a1, b1, c1, d1, destination + width, width);
        StoreQuarters(a2, b2, c2, d2, destination + (2 * width), width);
        StoreQuarters(a3, b3, c3, d3, destination + (3 * width), width);
    }

    /// <summary>Four rows: in each quarter of column i, what the four rows have at place i of that quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour(
        float* source, nint stride, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        float* second = source + stride, third = second + stride, fourth = third + stride;
        Vector512<float> row0 = Load(source), row1 = Load(second), row2 = Load(third), row3 = Load(fourth);
        Vector512<double> low01 = Avx512F.UnpackLow(row0, row1).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(row0, row1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(row2, row3).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(row2, row3).AsDouble();
        column0 = Avx512F.UnpackLow(low01, low23).AsSingle();
        column1 = Avx512F.UnpackHigh(low01, low23).AsSingle();
        column2 = Avx512F.UnpackLow(high01, high23).AsSingle();
        column3 = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    /// <summary>The same quarter of four vectors side by side, four columns apart for each quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreQuarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* destination, nint width)
    {
        const byte Even = 0x88, Odd = 0xDD;
        Vector512<float> evenAB = Avx512F.Shuffle4x128(a, b, Even), oddAB = Avx512F.Shuffle4x128(a, b, Odd);
        Vector512<float> evenCD = Avx512F.Shuffle4x128(c, d, Even), oddCD = Avx512F.Shuffle4x128(c, d, Odd);
        Avx512F.Shuffle4x128(evenAB, evenCD, Even).Store(destination);
        Avx512F.Shuffle4x128(oddAB, oddCD, Even).Store(destination + (4 * width));
        Avx512F.Shuffle4x128(evenAB, evenCD, Odd).Store(destination + (8 * width));
        Avx512F.Shuffle4x128(oddAB, oddCD, Odd).Store(destination + (12 * width));
    }
}
