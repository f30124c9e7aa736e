using System.Numerics;
using System.Runtime.InteropServices;

namespace DftNative.Reference;

/// <summary>The few fp64 loops that everything else is made of. The order of every sum is fixed, so results are bitwise the same in every run on one machine.</summary>
internal static class ReferenceMath
{
    /// <summary>Multiply-adds below which threads cost more than they save.</summary>
    private const long ParallelThreshold = 1 << 17;

    /// <summary>Σ a·b.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var vectorsA = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vectorsB = MemoryMarshal.Cast<double, Vector<double>>(b);
        var (even, odd) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i + 1 < vectorsA.Length; i += 2)
        {
            even += vectorsA[i] * vectorsB[i];
            odd += vectorsA[i + 1] * vectorsB[i + 1];
        }

        if (i < vectorsA.Length) even += vectorsA[i] * vectorsB[i];
        var sum = Vector.Sum(even + odd);
        for (i = vectorsA.Length * Vector<double>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    /// <summary>destination += factor·source.</summary>
    public static void AddScaled(double factor, ReadOnlySpan<double> source, Span<double> destination)
    {
        var from = MemoryMarshal.Cast<double, Vector<double>>(source);
        var to = MemoryMarshal.Cast<double, Vector<double>>(destination);
        for (var i = 0; i < from.Length; i++) to[i] += factor * from[i];
        for (var i = from.Length * Vector<double>.Count; i < source.Length; i++) destination[i] += factor * source[i];
    }

    /// <summary>a + b, element by element.</summary>
    public static double[] Add(double[] a, double[] b)
    {
        var sum = new double[a.Length];
        for (var i = 0; i < sum.Length; i++) sum[i] = a[i] + b[i];
        return sum;
    }

    /// <summary>Runs <paramref name="body"/> for 0 … count − 1, on several threads where that pays. Each call must write what no other call reads or writes.</summary>
    public static void ForEach(int count, long operationsPerItem, Action<int> body)
    {
        if (count * operationsPerItem >= ParallelThreshold)
            Parallel.For(0, count, body);
        else
            for (var i = 0; i < count; i++) body(i);
    }
}
