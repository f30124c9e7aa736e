using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/column_sum.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ColumnSumTests : CudaLayerFixture
{
    private const int Gap = 8;

    /// <summary>
    /// One part and many (64 rows a part, 64 parts at most), a last part of one row, warps without a row, one block of 256
    /// columns and a tail. Small integers, whose fp32 sums are exact: so is the result.
    /// </summary>
    [Test]
    public void SumsOfIntegersAreExact(
        [Values(1, 3, 8, 33, 64, 65, 200, 4097)] int rows,
        [Values(8, 40, 256, 264, 776)] int columns,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var random = new Random((rows * 1009) + columns);
        double[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (double)random.Next(-100, 101))];
        double[] before = [.. Enumerable.Range(0, columns).Select(_ => (double)random.Next(-100, 101))];

        Assert.That(Run(values, rows, columns, before), Is.EqualTo(Expected(values, rows, columns, before)));
    }

    /// <summary>
    /// An fp32 sum errs by at most 2^-24 of Σ|v| an addition on the way to the result. 3000 rows: at most 8 in a warp's
    /// turn, then 8 warps, 2 of 47 parts in a warp's turn, 32 warps and the old value.
    /// </summary>
    [Test]
    public void SumsOfNormalNumbersAreWithinTheirRoundingErrors()
    {
        const int rows = 3000, columns = 96, additions = 8 + 8 + 2 + 32 + 1;
        var values = Normal(1, rows * columns);
        var before = Normal(2, columns);
        var actual = Run(values, rows, columns, before);
        var expected = Expected(values, rows, columns, before);
        var magnitudes = Expected([.. values.Select(Math.Abs)], rows, columns, [.. before.Select(Math.Abs)]);
        for (var c = 0; c < columns; c++)
            Assert.That(Math.Abs(actual[c] - expected[c]), Is.InRange(0, Math.ScaleB(additions * magnitudes[c], -24)), $"column {c}");
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        const int rows = 700, columns = 520;
        var values = Normal(3, rows * columns);
        var natural = Run(values, rows, columns, new double[columns]);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            Assert.That(Run(values, rows, columns, new double[columns]), Is.EqualTo(natural));
        }
    }

    /// <summary>64 rows a part, and more where that would make more than 64 parts.</summary>
    [TestCase(200, 264, 4)]
    [TestCase(4097, 40, 64)]
    public void MovesTheBytesThatItsBannerClaims(int rows, int columns, int parts)
    {
        CudaEmulator.ResetCounters();
        Run(Normal(4, rows * columns), rows, columns, new double[columns]);

        var partials = CudaEmulator.CountersOf("column_sum_partials");
        var finish = CudaEmulator.CountersOf("column_sum_finish");
        var (partialBlocks, finishBlocks) = (parts * ((columns + 255) / 256), (columns + 31) / 32);
        Assert.Multiple(() =>
        {
            Assert.That((partials.Launches, partials.Blocks, partials.Threads), Is.EqualTo((1, partialBlocks, partialBlocks * 256)));
            Assert.That(partials.BytesReadStreaming, Is.EqualTo(rows * columns * 2));
            Assert.That(partials.BytesReadReused, Is.Zero);
            Assert.That(partials.BytesWritten, Is.EqualTo(parts * columns * 4));
            Assert.That(partials.BlockBarriers, Is.EqualTo(partialBlocks));
            Assert.That((finish.Launches, finish.Blocks, finish.Threads), Is.EqualTo((1, finishBlocks, finishBlocks * 1024)));
            Assert.That(finish.BytesReadStreaming, Is.EqualTo((parts + 1) * columns * 4));
            Assert.That(finish.BytesReadReused, Is.Zero);
            Assert.That(finish.BytesWritten, Is.EqualTo(columns * 4));
            Assert.That(finish.BlockBarriers, Is.EqualTo(finishBlocks));
        });
    }

    [Test]
    public void NoRowsAddNothing()
    {
        using var values = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "values");
        using var sums = Upload([1, 2, 3, 4, 5, 6, 7, 8], DataType.Float32);
        Backend.AddColumnSums(new Matrix(values, 0, 0, 8, 8), sums.AsVector());
        Assert.That(Download(sums.AsVector()), Is.EqualTo(new double[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var values = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "values");
        using var sums = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "sums");
        using var integers = Backend.Allocate(DataType.Int32, 64, MemoryCategory.Activations, "integers");
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Backend.AddColumnSums(values.AsMatrix(2, 64), sums.AsVector().Slice(0, 32)),
                Throws.ArgumentException.With.Message.Contains("sums has 32 elements and must have 64"));
            Assert.That(
                () => Backend.AddColumnSums(new Matrix(values, 0, 2, 12, 16), sums.AsVector().Slice(0, 12)),
                Throws.ArgumentException.With.Message.Contains("values has 12 columns, not a multiple of 8"));
            Assert.That(
                () => Backend.AddColumnSums(values.AsMatrix(2, 64), integers.AsVector()),
                Throws.ArgumentException.With.Message.Contains("sums must be Float32"));
        });
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var values = Backend.Allocate(DataType.BFloat16, 200 * 64, MemoryCategory.Activations, "values");
        using var sums = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "sums");
        AssertAllocatesNothing(() => Backend.AddColumnSums(values.AsMatrix(200, 64), sums.AsVector()));
    }

    private double[] Run(double[] values, int rows, int columns, double[] before)
    {
        using var matrix = UploadRows(values, columns, columns + Gap);
        using var sums = UploadBetweenGuards(before, Gap);
        Backend.AddColumnSums(new Matrix(matrix, 0, rows, columns, columns + Gap), sums.AsVector().Slice(Gap, columns));
        return DownloadBetweenGuards(sums, Gap);
    }

    private static double[] Expected(double[] values, int rows, int columns, double[] before)
    {
        var sums = (double[])before.Clone();
        for (var t = 0; t < rows; t++)
        {
            for (var c = 0; c < columns; c++) sums[c] += values[(t * columns) + c];
        }

        return sums;
    }
}
