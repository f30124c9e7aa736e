using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using DftNative.Backends.Cpu;

namespace DftNative.Bench;

/// <summary>GFLOP/s of the CPU's matrix products on one thread, interleaved so that both meet the same neighbours, and of two at once.</summary>
internal static unsafe class GemmBench
{
    private const int Rounds = 101;
    private const double RoundSeconds = 0.001;

    private static readonly (int M, int N, int K, bool TransposeA, bool TransposeB)[] s_shapes =
    [
        (512, 512, 512, false, false), (512, 512, 512, false, true), (512, 512, 512, true, false),
        (1024, 1024, 1024, false, true), (256, 256, 4096, false, true), (128, 128, 512, false, true),
        (64, 128, 64, false, false), (64, 128, 64, false, true), (64, 128, 64, true, false), (16, 16, 64, false, true),
        (1, 1024, 1024, false, true), (2, 1024, 1024, false, true), (4, 1024, 1024, false, true), (8, 1024, 1024, false, true), (16, 1024, 1024, false, true), (32, 1024, 1024, false, true), (1, 1024, 1024, false, false),
    ];

    public static int Run()
    {
        var libraries = new List<Gemm>();
        if (OpenBlasGemm.TryLoad(out string reason) is { } openBlas)
            libraries.Add(openBlas);
        libraries.Add(new ManagedGemm(reason.Length == 0 ? "for comparison" : reason));
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated)
            libraries.Add(new ManagedGemm("for comparison", useVector512: false));
        foreach (Gemm library in libraries)
            Console.WriteLine($"{(char)('A' + libraries.IndexOf(library))}: {library.Description}");
        Console.WriteLine($"GFLOP/s, median (best) of {Rounds}; ratio of the best rates; x2 is two threads together");
        foreach (var shape in s_shapes)
        {
            double[][] single = Measure(libraries, shape, 1);
            double[][] pair = Measure(libraries, shape, 2);
            string transposes = (shape.TransposeA ? "T" : "N") + (shape.TransposeB ? "T" : "N");
            Console.Write($"{shape.M}x{shape.N}x{shape.K} {transposes}".PadRight(20));
            for (int i = 0; i < libraries.Count; i++)
            {
                double ratio = single[i].Max() / single[0].Max();
                Console.Write(string.Create(
                    CultureInfo.InvariantCulture, $"  {(char)('A' + i)} {Median(single[i]),6:F1} ({single[i].Max(),6:F1}) ratio {ratio:F2} x2 {Median(pair[i]),6:F1}"));
            }
            Console.WriteLine();
        }
        return 0;
    }

    private static double[][] Measure(List<Gemm> libraries, (int M, int N, int K, bool TransposeA, bool TransposeB) shape, int threads)
    {
        double flops = 2.0 * shape.M * shape.N * shape.K;
        float*[] operands = new float*[threads];
        int aCount = shape.M * shape.K, bCount = shape.K * shape.N, cCount = shape.M * shape.N;
        var random = new Random(1);
        for (int i = 0; i < threads; i++)
        {
            operands[i] = (float*)NativeMemory.AlignedAlloc((nuint)(aCount + bCount + cCount) * sizeof(float), 64);
            for (int j = 0; j < aCount + bCount; j++)
                operands[i][j] = (random.NextSingle() * 2) - 1;
        }
        var rates = libraries.Select(_ => new double[Rounds]).ToArray();
        int[] repeats = [.. libraries.Select(library => Calibrate(library))];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < libraries.Count; i++)
            {
                Gemm library = libraries[i];
                int count = repeats[i];
                long start = Stopwatch.GetTimestamp();
                if (threads == 1)
                    Repeat(library, 0, count);
                else
                    Parallel.For(0, threads, thread => Repeat(library, thread, count));
                rates[i][round] = flops * count * threads / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
            }
        }
        foreach (float* block in operands)
            NativeMemory.AlignedFree(block);
        return rates;

        int Calibrate(Gemm library)
        {
            Repeat(library, 0, 2);
            long start = Stopwatch.GetTimestamp();
            Repeat(library, 0, 3);
            return Math.Max(1, (int)(RoundSeconds * 3 / Stopwatch.GetElapsedTime(start).TotalSeconds));
        }

        void Repeat(Gemm library, int thread, int count)
        {
            float* a = operands[thread], b = a + aCount, c = b + bCount;
            for (int i = 0; i < count; i++)
            {
                library.Multiply(
                    shape.TransposeA, shape.TransposeB, shape.M, shape.N, shape.K, 1, a, shape.TransposeA ? shape.M : shape.K,
                    b, shape.TransposeB ? shape.K : shape.N, 0, c, shape.N);
            }
        }
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
