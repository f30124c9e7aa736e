using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/token_loss_statistics.cu through the bindings.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class TokenLossStatisticsTests : CudaBackendFixture
{
    private const string Kernel = "token_loss_statistics";

    /// <summary>
    /// Whole numbers over 8 add up exactly in fp64, so a row missed or taken twice shows; the histogram is counted.
    /// </summary>
    [Test]
    public void AddsUpTheRows(
        [Values(1, 2, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 2500, 5003)] int rows, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var random = new Random(rows);
        Row[] parts = [.. Enumerable.Range(0, rows).Select(_ => new Row(
            random.Next(1, 1000) / 8.0, -random.Next(1, 500) / 8.0, random.Next(0, 257) / 256.0, random.Next(0, 2)))];
        double[] before = [.. Enumerable.Range(0, TokenLossStatistics.Length).Select(i => 1000.0 * i)];
        Assert.That(Run(parts, before), Is.EqualTo(Expected(parts, before)));
    }

    /// <summary>p on an edge belongs to the bin above it, but 1 to the last; what is not a number to none.</summary>
    [Test]
    public void BinsAreHalfOpen()
    {
        double[] probabilities =
        [
            0, float.Epsilon, MathF.BitDecrement(1 / 64f), 1 / 64f, 2 / 64f, MathF.BitDecrement(0.5f), 0.5, MathF.BitDecrement(63 / 64f),
            63 / 64f, MathF.BitDecrement(1f), 1, double.NaN,
        ];
        var statistics = Run([.. probabilities.Select(p => new Row(0, 0, p, 0))], new double[TokenLossStatistics.Length]);
        var histogram = new double[TokenLossStatistics.HistogramBins];
        histogram[0] = 3;
        histogram[1] = histogram[2] = histogram[31] = histogram[32] = histogram[62] = 1;
        histogram[63] = 3;
        Assert.That(statistics[5..], Is.EqualTo(histogram));
        Assert.That(statistics[0], Is.EqualTo(12));
        Assert.That(statistics[3], Is.NaN);
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var random = new Random(3);
        Row[] parts = [.. Enumerable.Range(0, 3001).Select(_ => new Row(random.NextDouble(), -random.NextDouble(), random.NextDouble(), 1))];
        var natural = Run(parts, new double[TokenLossStatistics.Length]);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            CudaEmulator.SetOrder(seed);
            Assert.That(Run(parts, new double[TokenLossStatistics.Length]), Is.EqualTo(natural));
        }
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int rows = 70;
        CudaEmulator.ResetCounters();
        Run([.. Enumerable.Repeat(new Row(1, -1, 0.5, 1), rows)], new double[TokenLossStatistics.Length]);
        var counted = CudaEmulator.CountersOf(Kernel);
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Threads, Is.EqualTo(512));
            Assert.That(counted.BytesReadStreaming, Is.Zero);
            Assert.That(counted.BytesReadReused, Is.EqualTo((17 * rows * 16) + 552));
            Assert.That(counted.BytesWritten, Is.EqualTo(552));
        });
    }

    [Test]
    public void NoRowsChangeNothing()
    {
        double[] before = [.. Enumerable.Range(0, TokenLossStatistics.Length).Select(i => (double)i)];
        Assert.That(Run([], before), Is.EqualTo(before));
    }

    private static double[] Expected(Row[] parts, double[] before)
    {
        var expected = (double[])before.Clone();
        foreach (var (loss, logProbability, probability, correct) in parts)
        {
            expected[0]++;
            expected[1] += loss;
            expected[2] -= logProbability;
            expected[3] += probability;
            expected[4] += correct;
            expected[5 + Math.Min(63, (int)(64 * probability))]++;
        }

        return expected;
    }

    private double[] Run(Row[] parts, double[] before)
    {
        using var rowStatistics = Upload(
            [.. parts.SelectMany(part => (double[])[part.Loss, part.LogProbability, part.Probability, part.Correct])], DataType.Float32);
        using var statistics = Backend.Allocate(DataType.Float64, TokenLossStatistics.Length, MemoryCategory.Workspace, "statistics");
        Backend.Upload<double>(before, statistics.AsVector());
        Backend.AddTokenLossStatistics(rowStatistics.AsVector(), statistics.AsVector());
        return Download(statistics.AsVector());
    }

    private readonly record struct Row(double Loss, double LogProbability, double Probability, double Correct);
}
