using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/token_entropy.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class TokenEntropyTests : CudaBackendFixture
{
    private const string Kernel = "token_entropy";

    /// <summary>Vocabularies on both sides of a packet, of a warp, of the largest block, and of several rounds of it.</summary>
    [Test]
    public void ItIsTheEntropyOfTheSoftmax(
        [Values(1, 2, 3, 4, 5, 31, 255, 257, 1000, 4099, 8193, 16_387)] int vocabulary, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new TokenLossProblem(rows: 5, vocabulary, TokenWeighting.Sft);
        Check(problem.Logits, vocabulary, Run(problem.Logits, vocabulary));
    }

    [Test]
    public void LevelSureAndExtremeRows()
    {
        double[] logits =
        [
            2, 2, 2, 2,
            300, 0, 0, 0,
            double.NegativeInfinity, 1, 1, double.NegativeInfinity,
            (float)3e38, (float)-3e38, 0, 1,
            (float)-3e38, (float)-3e38, (float)-3e38, (float)-3e38,
        ];
        var entropies = Run(logits, 4);
        Assert.Multiple(() =>
        {
            Assert.That(entropies[0], Is.EqualTo(Math.Log(4)).Within(1e-6));
            Assert.That(entropies[1], Is.Zero);
            Assert.That(entropies[2], Is.EqualTo(Math.Log(2)).Within(1e-6));
            Assert.That(entropies[3], Is.Zero);
            Assert.That(entropies[4], Is.EqualTo(Math.Log(4)).Within(1e-6));
        });
    }

    [Test]
    public void WhatIsNotFiniteStaysInItsRow([Values(double.NaN, double.PositiveInfinity)] double value, [Values(0, 5, 8)] int column)
    {
        var problem = new TokenLossProblem(rows: 3, 9, TokenWeighting.Sft);
        var clean = Run(problem.Logits, 9);
        var spoilt = (double[])problem.Logits.Clone();
        spoilt[9 + column] = value;
        var result = Run(spoilt, 9);
        Assert.That(result, Is.EqualTo((double[])[clean[0], double.NaN, clean[2]]));
    }

    [TestCase(8193, 1024)]
    [TestCase(1000, 128)]
    [TestCase(3, 32)]
    public void MovesTheBytesThatItsBannerClaims(int vocabulary, int threads)
    {
        var problem = new TokenLossProblem(rows: 3, vocabulary, TokenWeighting.Sft);
        CudaEmulator.ResetCounters();
        Run(problem.Logits, vocabulary);
        var counted = CudaEmulator.CountersOf(Kernel);
        Assert.Multiple(() =>
        {
            Assert.That((counted.Launches, counted.Blocks, counted.Threads), Is.EqualTo((1, 3, 3 * threads)));
            Assert.That(counted.BytesReadReused, Is.EqualTo(3 * vocabulary * 4));
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(3 * vocabulary * 4));
            Assert.That(counted.BytesWritten, Is.EqualTo(3 * 4));
        });
    }

    [Test]
    public void ALaunchAllocatesNothingAndLogitsMustBeAligned()
    {
        using var buffer = Backend.Allocate(DataType.Float32, 64, MemoryCategory.LossHead, "logits");
        using var entropies = Backend.Allocate(DataType.Float32, 2, MemoryCategory.LossHead, "entropies");
        Backend.Zero(buffer.AsVector());
        Backend.TokenEntropyOfLogits(new Matrix(buffer, 0, 2, 8, 8), entropies.AsVector());
        ManagedAllocation.AssertNone(() => Backend.TokenEntropyOfLogits(new Matrix(buffer, 0, 2, 8, 8), entropies.AsVector()));
        Assert.Multiple(() =>
        {
            Assert.That(() => Backend.TokenEntropyOfLogits(new Matrix(buffer, 2, 2, 8, 8), entropies.AsVector()), Throws.ArgumentException.With.Message.Contains("16 bytes"));
            Assert.That(() => Backend.TokenEntropyOfLogits(new Matrix(buffer, 0, 2, 8, 9), entropies.AsVector()), Throws.ArgumentException.With.Message.Contains("16 bytes"));
            Assert.That(() => Backend.TokenEntropyOfLogits(new Matrix(buffer, 0, 3, 8, 8), entropies.AsVector()), Throws.ArgumentException.With.Message.Contains("must have 3"));
        });
    }

    /// <summary>Of rows between two others, whose words stay as they are.</summary>
    private double[] Run(double[] logits, int vocabulary)
    {
        var (rows, stride) = (logits.Length / vocabulary, (vocabulary + 7) / 4 * 4);
        var padded = new double[(rows + 2) * stride];
        Array.Fill(padded, 1e30);
        for (var row = 0; row < rows; row++) logits.AsSpan(row * vocabulary, vocabulary).CopyTo(padded.AsSpan((row + 1) * stride));
        using var memory = Upload(padded, DataType.Float32);
        using var entropies = AllocatePoisoned(DataType.Float32, rows + 2);
        Backend.TokenEntropyOfLogits(new Matrix(memory, stride, rows, vocabulary, stride), entropies.AsVector().Slice(1, rows));
        var result = Download(entropies.AsVector());
        Assert.That((result[0], result[^1]), Is.EqualTo((double.NaN, double.NaN)));
        Assert.That(Download(memory.AsVector()), Is.EqualTo(padded.Select(value => (double)(float)value)));
        return result[1..^1];
    }

    /// <summary>The banner's bound.</summary>
    private static void Check(double[] logits, int vocabulary, double[] entropies)
    {
        var threads = Math.Min(1024, (vocabulary + 255) / 256 * 32);
        for (var row = 0; row < entropies.Length; row++)
        {
            var expected = Entropy(logits.AsSpan(row * vocabulary, vocabulary));
            var bound = ((2.0 * vocabulary / threads) + 128) * Math.ScaleB(1, -24) * (1 + expected);
            Assert.That(entropies[row], Is.EqualTo(expected).Within(bound), $"row {row}");
        }
    }

    private static double Entropy(ReadOnlySpan<double> logits)
    {
        double max = double.NegativeInfinity, sum = 0, entropy = 0;
        foreach (var logit in logits) max = Math.Max(max, logit);
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        foreach (var logit in logits)
        {
            var p = Math.Exp(logit - max) / sum;
            if (p > 0) entropy -= p * Math.Log(p);
        }

        return entropy;
    }
}
