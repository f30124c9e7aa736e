using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/gradient_norm.cu through the bindings.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class GradientNormTests : CudaBackendFixture
{
    /// <summary>fp32 elements of a whole turn of the largest grid: 1024 blocks of 256 threads with four packets.</summary>
    private const int Turn = 1024 * 256 * 4 * 4;

    /// <summary>
    /// Squares of whole numbers up to 255 (exact in bf16 and, eight at a time, in fp32) and fp64 sums of them are exact, so
    /// the norm is too, up to the root's and fp32's rounding: one element missed or counted twice shows.
    /// </summary>
    [Test]
    public void EveryElementCountsOnce(
        [Values(DataType.Float32, DataType.BFloat16)] DataType dataType,
        [Values(1, 3, 4, 5, 7, 8, 9, 1023, 4096, 4097, 8191, 8192, 8199, 40003)] int length,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var values = WholeNumbers(length);
        var (norm, clip) = Run(values, dataType, maxNorm: 1);

        var expected = Math.Sqrt(values.Sum(value => value * value));
        Assert.That(norm, Is.EqualTo((float)expected));
        Assert.That(clip, Is.EqualTo((float)Math.Min(1, 1 / (expected + 1e-6))));
    }

    /// <summary>The sum of squares, 9e10, needs more digits than fp32 has; bytes read tell that each element was read once.</summary>
    [Test]
    public void MoreElementsThanATurnOfTheGrid([Values(DataType.Float32, DataType.BFloat16)] DataType dataType)
    {
        var perPacket = 16 / dataType.SizeInBytes();
        var length = (Turn / 4 * perPacket) + (5000 * perPacket) + 3;
        var values = WholeNumbers(length);
        CudaEmulator.ResetCounters();
        var (norm, _) = Run(values, dataType, maxNorm: 0);

        Assert.That(norm, Is.EqualTo((float)Math.Sqrt(values.Sum(value => value * value))));
        var partials = CudaEmulator.CountersOf("gradient_norm_partials");
        Assert.Multiple(() =>
        {
            Assert.That(partials.Blocks, Is.EqualTo(1024));
            Assert.That(partials.BytesReadStreaming, Is.EqualTo((long)length * dataType.SizeInBytes()));
        });
    }

    /// <summary>Four fused multiply-adds in fp32, 2^-24 each, halved by the root; then the rounding to fp32.</summary>
    [Test]
    public void RandomNumbersAgreeWithFp64([Values(1e-12, 1.0, 1e12)] double scale)
    {
        double[] values = [.. Normal(5, 50_001, scale).Select((value, i) => (double)(float)(value * (1 + (i * 1e-7))))];
        var (norm, _) = Run(values, DataType.Float32, maxNorm: 0);
        var expected = Math.Sqrt(values.Sum(value => value * value));
        Assert.That(Math.Abs(norm - expected) / expected, Is.InRange(0, Math.ScaleB(3, -24)));
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int length = 9001;
        CudaEmulator.ResetCounters();
        Run(WholeNumbers(length), DataType.Float32, maxNorm: 1);

        var partials = CudaEmulator.CountersOf("gradient_norm_partials");
        var finish = CudaEmulator.CountersOf("gradient_norm_finish");
        const int blocks = 3;
        Assert.Multiple(() =>
        {
            Assert.That(partials.Launches, Is.EqualTo(1));
            Assert.That(partials.Blocks, Is.EqualTo(blocks));
            Assert.That(partials.Threads, Is.EqualTo(blocks * 256));
            Assert.That(partials.BytesReadStreaming, Is.EqualTo(length * 4));
            Assert.That(partials.BytesReadReused, Is.Zero);
            Assert.That(partials.BytesWritten, Is.EqualTo(blocks * 8));
            Assert.That(finish.Launches, Is.EqualTo(1));
            Assert.That(finish.Threads, Is.EqualTo(256));
            Assert.That(finish.BytesReadStreaming, Is.EqualTo(blocks * 8));
            Assert.That(finish.BytesReadReused, Is.Zero);
            Assert.That(finish.BytesWritten, Is.EqualTo(8));
        });
    }

    [TestCase(0f, 3.0, 1f, TestName = "No clipping where the largest norm is 0")]
    [TestCase(4f, 3.0, 1f, TestName = "No clipping below the largest norm")]
    [TestCase(1f, 4.0, 0.25f, TestName = "Clipped to the largest norm")]
    [TestCase(1e-6f, 1e-6, 0.5f, TestName = "1e-6 keeps the factor finite")]
    public void ClipFactor(float maxNorm, double norm, float expected) =>
        Assert.That(Run([0, norm, 0], DataType.Float32, maxNorm).Clip, Is.EqualTo(expected).Within(1e-6));

    [Test]
    public void ZeroGradients() => Assert.That(Run(new double[9], DataType.Float32, 1), Is.EqualTo((0f, 1f)));

    [Test]
    public void NoGradients() => Assert.That(Run([], DataType.Float32, 1), Is.EqualTo((0f, 1f)));

    [Test]
    public void WhatIsNotFiniteShows(
        [Values(DataType.Float32, DataType.BFloat16)] DataType dataType,
        [Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity, 2e19)] double value,
        [Values(0, 4097, 20_002)] int index)
    {
        var values = WholeNumbers(20_003);
        values[index] = value;
        using var gradients = Backend.Allocate(dataType, values.Length, MemoryCategory.Gradients, "gradients");
        if (dataType == DataType.Float32)
            Backend.Upload<float>([.. values.Select(each => (float)each)], gradients.AsVector());
        else
            Backend.Upload<ushort>([.. values.Select(each => (ushort)(BitConverter.SingleToUInt32Bits((float)each) >> 16))], gradients.AsVector());
        Assert.That(float.IsFinite(Norm(gradients.AsVector(), 1).Norm), Is.False);
    }

    /// <summary>The host reads the norm behind the loss's sums; what they are stays.</summary>
    [Test]
    public void TheNormIsWrittenBehindTheStepsSums()
    {
        var (values, statistics) = (WholeNumbers(4097), Sums());
        CudaEmulator.ResetCounters();
        var (norm, clip) = RunStep(values, statistics);
        var finish = CudaEmulator.CountersOf("gradient_norm_finish");
        var expected = (float)Math.Sqrt(values.Sum(value => value * value));
        Assert.Multiple(() =>
        {
            Assert.That((norm, clip), Is.EqualTo((expected, (float)(1 / (Math.Sqrt(values.Sum(value => value * value)) + 1e-6)))));
            Assert.That(statistics[TokenLossStatistics.GradientNormIndex], Is.EqualTo(expected));
            Assert.That(statistics[..TokenLossStatistics.Length], Is.EqualTo(Sums()[..TokenLossStatistics.Length]));
            Assert.That(finish.BytesReadStreaming, Is.EqualTo((2 * 8) + 16), "two blocks' partials and two sums");
            Assert.That(finish.BytesWritten, Is.EqualTo(8 + 8));
        });
    }

    [Test]
    public void ALossThatIsNotFiniteMakesTheNormSo(
        [Values(1, 2)] int sum, [Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity)] double value, [Values(0ul, 1ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var statistics = Sums();
        statistics[sum] = value;
        Assert.That(RunStep(WholeNumbers(100), statistics).Norm, Is.NaN);
        Assert.That(statistics[TokenLossStatistics.GradientNormIndex], Is.NaN);
        Assert.That(statistics[sum], Is.EqualTo(value));
    }

    /// <summary>Other sums cannot make an update wrong, and a huge loss is one.</summary>
    [Test]
    public void OnlyTheLossCounts()
    {
        var statistics = Sums();
        (statistics[0], statistics[1], statistics[2], statistics[3], statistics[^2]) = (double.NaN, double.MaxValue, -double.MaxValue, double.NaN, double.NaN);
        Assert.That(RunStep([3, 4], statistics).Norm, Is.EqualTo(5f));
    }

    [Test]
    public void OnlyTheViewCounts()
    {
        var values = WholeNumbers(4096);
        values[7] = values[4090] = double.NaN;
        using var gradients = Upload(values, DataType.Float32);
        var (norm, _) = Norm(gradients.AsVector().Slice(8, 4082), 0);
        Assert.That(norm, Is.EqualTo((float)Math.Sqrt(values[8..4090].Sum(value => value * value))));
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var gradients = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Gradients, "gradients");
        using var integers = Backend.Allocate(DataType.Int32, 64, MemoryCategory.Gradients, "integers");
        var result = gradients.AsVector().Slice(0, 2);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Backend.GradientNorm(gradients.AsVector().Slice(2, 8), 1, result),
                Throws.ArgumentException.With.Message.Contains("gradients must begin at a multiple of 16 bytes"));
            Assert.That(
                () => Backend.GradientNorm(gradients.AsVector(), 1, gradients.AsVector()),
                Throws.ArgumentException.With.Message.Contains("normAndClip has 64 elements and must have 2"));
            Assert.That(
                () => Backend.GradientNorm(gradients.AsVector(), 1, result, gradients.AsVector().Slice(0, 2)),
                Throws.ArgumentException.With.Message.Contains("statistics has 2 elements and must have 70"));
            Assert.That(
                () => Backend.GradientNorm(integers.AsVector(), 1, result),
                Throws.ArgumentException.With.Message.Contains("gradients must be Float32"));
        });
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var gradients = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Gradients, "gradients");
        using var result = Backend.Allocate(DataType.Float32, 2, MemoryCategory.Workspace, "norm");
        Backend.GradientNorm(gradients.AsVector(), 1, result.AsVector());
        Backend.Synchronize();
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 20; i++) Backend.GradientNorm(gradients.AsVector(), 1, result.AsVector());
            Backend.Synchronize();
        });
    }

    private static double[] WholeNumbers(int length) => [.. Enumerable.Range(0, length).Select(i => (i * 37L % 251) + 1.0)];

    private static double[] Sums() => [.. Enumerable.Range(1, TokenLossStatistics.Length).Select(i => (double)i), double.PositiveInfinity];

    /// <summary>With the sums of a step's loss, which are read back.</summary>
    private (float Norm, float Clip) RunStep(double[] values, double[] statistics)
    {
        using var gradients = Upload(values, DataType.Float32);
        using var vector = Backend.Allocate(DataType.Float64, statistics.Length, MemoryCategory.Workspace, "statistics");
        Backend.Upload<double>(statistics, vector.AsVector());
        var result = Norm(gradients.AsVector(), 1, vector.AsVector());
        Backend.Download<double>(vector.AsVector(), statistics);
        return result;
    }

    private (float Norm, float Clip) Run(double[] values, DataType dataType, float maxNorm)
    {
        using var gradients = Upload(values, dataType);
        return Norm(gradients.AsVector(), maxNorm);
    }

    private (float Norm, float Clip) Norm(Vector gradients, float maxNorm, Vector statistics = default)
    {
        using var result = AllocatePoisoned(DataType.Float32, 4);
        Backend.GradientNorm(gradients, maxNorm, result.AsVector().Slice(1, 2), statistics);
        var values = new float[4];
        Backend.Download(result.AsVector(), values);
        Assert.That(values[0], Is.NaN);
        Assert.That(values[3], Is.NaN);
        return (values[1], values[2]);
    }
}
