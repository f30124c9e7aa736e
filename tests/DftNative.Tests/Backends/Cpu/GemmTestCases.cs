using System.Runtime.InteropServices;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Backends.Cpu;

/// <summary>What every <see cref="Gemm"/> has to do, against a plain loop in double precision.</summary>
/// <remarks>
/// A sum of k products in any order is off by at most (k + 2)·u·Σ|terms|, u = 2^-24 (Higham, Accuracy and Stability of Numerical
/// Algorithms, section 3.1); the bound below has twice that, for alpha, beta and the rounding of the terms themselves.
/// </remarks>
internal abstract unsafe class GemmTestCases
{
    private const float Guard = 12345.678f;
    private Gemm _gemm = null!;

    [OneTimeSetUp]
    public void Load() => _gemm = Create();

    /// <summary>Makes the implementation, or ignores the tests where the machine has none.</summary>
    protected abstract Gemm Create();

    [Test]
    public void RandomProductsMatchDoublePrecision()
    {
        var random = new Random(1);
        float[] factors = [0, 1, -1, 0.37f, 2.5f];
        for (int trial = 0; trial < 400; trial++)
        {
            // Small sizes hit every combination of tails; a few large ones cross the cache blocks.
            int limit = trial % 40 == 0 ? 600 : 70;
            Check(random, random.Next(2) == 1, random.Next(2) == 1, random.Next(0, trial % 3 == 0 ? 9 : limit), random.Next(0, limit),
                random.Next(0, limit), factors[random.Next(factors.Length)], factors[random.Next(factors.Length)], random.Next(0, 20));
        }
    }

    [TestCase(1, 1, 1)]
    [TestCase(1, 700, 1100)]
    [TestCase(3, 257, 513)]
    [TestCase(4, 10, 5000)]
    [TestCase(8, 64, 2048)]
    [TestCase(9, 65, 1025)]
    [TestCase(16, 16, 64)]
    [TestCase(64, 128, 64)]
    [TestCase(300, 1, 300)]
    [TestCase(130, 1100, 600)]
    [TestCase(600, 70, 1030)]
    public void EveryTransposeMatchesDoublePrecision(int m, int n, int k)
    {
        var random = new Random(2);
        foreach (bool transposeA in new[] { false, true })
        {
            foreach (bool transposeB in new[] { false, true })
            {
                Check(random, transposeA, transposeB, m, n, k, 1, 0, 0);
                Check(random, transposeA, transposeB, m, n, k, -0.5f, 1, 3);
            }
        }
    }

    [TestCase(1, 1)]
    [TestCase(5, 33)]
    [TestCase(70, 65)]
    public void WithoutInnerDimensionCIsScaled(int m, int n)
    {
        foreach (float beta in new[] { 0f, 1f, -2f })
            Check(new Random(3), false, false, m, n, 0, 1, beta, 2);
    }

    [TestCase(1, 40, 16)]
    [TestCase(7, 33, 20)]
    [TestCase(70, 100, 300)]
    [TestCase(130, 40, 0)]
    public void BetaZeroNeverReadsC(int m, int n, int k)
    {
        foreach (float alpha in new[] { 0f, 1f, 0.5f })
        {
            foreach (bool transpose in new[] { false, true })
                Check(new Random(4), transpose, transpose, m, n, k, alpha, 0, 1, float.NaN);
        }
    }

    [TestCase(1, 64, 100)]
    [TestCase(5, 129, 70)]
    [TestCase(64, 128, 64)]
    [TestCase(150, 96, 1030)]
    public void ResultDependsOnNeitherAlignmentNorCompany(int m, int n, int k)
    {
        const int Threads = 6;
        foreach (int transposes in new[] { 0, 1, 2, 3 })
        {
            var problem = new GemmProblem(new Random(5), (transposes & 1) != 0, (transposes & 2) != 0, m, n, k, 3);
            float[] expected = problem.Multiply(_gemm, 1, 0.25f, 0);
            var differing = new int[Threads];
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
            {
                for (int repeat = 0; repeat < 8; repeat++)
                {
                    // A float's own size at a time: every alignment within a 64-byte line is met.
                    float[] actual = problem.Multiply(_gemm, 1, 0.25f, (repeat * Threads) + thread);
                    if (!MemoryMarshal.AsBytes<float>(actual).SequenceEqual(MemoryMarshal.AsBytes<float>(expected)))
                        differing[thread]++;
                }
            });
            Assert.That(differing, Is.All.Zero, $"transposes {transposes}");
        }
    }

    /// <summary>What a token's layer gives does not depend on the tokens beside it: a row of A·Bᵀ is the same to the bit in a product of any height.</summary>
    [TestCase(16, 16)]
    [TestCase(7, 33)]
    [TestCase(40, 700)]
    [TestCase(131, 269)]
    [TestCase(33, 8000)]
    public unsafe void ARowOfAProductWithATransposeDependsOnNoOther(int n, int k)
    {
        const int Rows = 40;
        var random = new Random(8);
        float[] a = Fill(Rows * k), b = Fill(n * k), before = Fill(Rows * n);
        float[] expected = Multiply(0, Rows, 0.25f), first = Multiply(0, Rows, 0);
        Assert.Multiple(() =>
        {
            foreach (int rows in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 24, 33 })
            {
                foreach (int start in new[] { 0, Rows - rows })
                {
                    Assert.That(Multiply(start, rows, 0.25f), Is.EqualTo(expected.AsSpan(start * n, rows * n).ToArray()), $"{rows} rows from {start}");
                    Assert.That(Multiply(start, rows, 0), Is.EqualTo(first.AsSpan(start * n, rows * n).ToArray()), $"{rows} rows from {start}, beta 0");
                }
            }
        });

        float[] Multiply(int start, int rows, float beta)
        {
            float[] c = before.AsSpan(start * n, rows * n).ToArray();
            fixed (float* aStart = a, bStart = b, cStart = c)
                _gemm.Multiply(false, true, rows, n, k, 0.75f, aStart + (start * k), k, bStart, k, beta, cStart, n);
            return c;
        }

        float[] Fill(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    [Test]
    public void ManyMoreThreadsThanCoresCanCall()
    {
        // Past 2 · 64 calls at once a Debian OpenBLAS runs out of its static table of buffers; it takes a product past its small-matrix path.
        const int Threads = 160;
        var problem = new GemmProblem(new Random(6), false, true, 200, 210, 300, 0);
        float[] expected = problem.Multiply(_gemm, 1, 0, 0);
        using var start = new Barrier(Threads);
        var differing = new int[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            for (int repeat = 0; repeat < 16; repeat++)
            {
                if (!problem.Multiply(_gemm, 1, 0, 0).AsSpan().SequenceEqual(expected))
                    differing[index]++;
            }
        }, 512 * 1024))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(differing, Is.All.Zero);
    }

    [Test]
    public void CallsAllocateNoManagedMemory()
    {
        var a = stackalloc float[16 * 64];
        var b = stackalloc float[64 * 16];
        var c = stackalloc float[16 * 16];
        new Span<float>(a, 16 * 64).Fill(0.5f);
        new Span<float>(b, 64 * 16).Fill(0.5f);
        _gemm.Multiply(false, false, 16, 16, 64, 1, a, 64, b, 16, 0, c, 16);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _gemm.Multiply(false, false, 16, 16, 64, 1, a, 64, b, 16, 0, c, 16);
        _gemm.Multiply(false, true, 2, 16, 64, 1, a, 64, b, 64, 1, c, 16);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private void Check(
        Random random, bool transposeA, bool transposeB, int m, int n, int k, float alpha, float beta, int extraStride, float initialC = Guard)
    {
        var problem = new GemmProblem(random, transposeA, transposeB, m, n, k, extraStride);
        if (float.IsNaN(initialC))
            problem.FillC(initialC);
        float[] actual = problem.Multiply(_gemm, alpha, beta, extraStride);
        string what = $"{m}x{n}x{k} transposes {transposeA} {transposeB} alpha {alpha} beta {beta} stride +{extraStride}";
        Assert.That(problem.Compare(actual, alpha, beta), Is.Null, what);
    }
}
