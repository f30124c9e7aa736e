using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/residual_rmsnorm_backward.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ResidualRmsNormBackwardTests : CudaLayerFixture
{
    private const string Kernel = "residual_rmsnorm_backward";
    private const int Guard = 4;

    [Test]
    public void AgreesWithFp64(
        [Values(8, 64, 200, 1024, 1032, 3584, 8192, 10240, 16384)] int hidden,
        [Values(1, 3)] int tokens,
        [Values] bool accumulate,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        Check(new Problem(tokens, hidden, accumulate), Aliasing.None);
    }

    [Test]
    public void BlocksTakeSeveralRows([Values] bool accumulate, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        Check(new Problem((3 * LargestGrid(520)) + 5, 520, accumulate), Aliasing.None);
        Check(new Problem((2 * LargestGrid(1032)) + 1, 1032, accumulate), Aliasing.None);
    }

    [Test]
    public void TheGradientMayReplaceAnOperand([Values(Aliasing.OutputGradient, Aliasing.Sum)] Aliasing aliasing) =>
        Check(new Problem(LargestGrid(256) + 7, 256, accumulate: false), aliasing);

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new Problem((2 * LargestGrid(520)) + 3, 520, accumulate: true);
        var natural = Run(problem, Aliasing.None);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var shuffled = Run(problem, Aliasing.None);
            AssertSameBits(shuffled.SumGradient, natural.SumGradient);
            AssertSameBits(shuffled.WeightGradient, natural.WeightGradient);
        }
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims([Values] bool accumulate)
    {
        const int hidden = 1032;
        var (tokens, blocks) = (LargestGrid(hidden) + 2, LargestGrid(hidden));
        CudaEmulator.ResetCounters();
        Run(new Problem(tokens, hidden, accumulate), Aliasing.None);

        var counted = CudaEmulator.CountersOf(Kernel);
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Blocks, Is.EqualTo(blocks));
            Assert.That(counted.Threads, Is.EqualTo(blocks * 96), "129 packets, two a thread: 65 threads, 3 warps");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(tokens * hidden * 2 * (accumulate ? 3 : 2)));
            Assert.That(counted.BytesReadReused, Is.EqualTo((tokens * 2 * hidden * 2) + (tokens * 96 * 4)));
            Assert.That(counted.BytesWritten, Is.EqualTo((tokens * hidden * 2) + (blocks * hidden * 4)));
            Assert.That(counted.BlockBarriers, Is.EqualTo(tokens));
        });
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        var (x, one, w) = (buffer.AsMatrix(2, 64), buffer.AsMatrix(1, 64), buffer.AsVector().Slice(0, 64));
        var (rstd, dw) = (floats.AsVector().Slice(0, 2), floats.AsVector());
        Assert.Multiple(() =>
        {
            Rejects("outputGradient is [1, 64] and must be [2, 64]", one, x, w, rstd, x, dw);
            Rejects("sumGradient is [1, 64] and must be [2, 64]", x, x, w, rstd, one, dw);
            Rejects("weight has 32 elements and must have 64", x, x, w.Slice(0, 32), rstd, x, dw);
            Rejects("rstd has 64 elements and must have 2", x, x, w, dw, x, dw);
            Rejects("weightGradient has 2 elements and must have 64", x, x, w, rstd, x, rstd);
            Rejects("hidden size 12", x, new Matrix(buffer, 0, 2, 12, 16), w, rstd, x, dw);
            Rejects("hidden size 16392", x, new Matrix(buffer, 0, 0, 16392, 16392), w, rstd, x, dw);
        });

        void Rejects(string message, Matrix dy, Matrix sum, Vector weight, Vector rstd, Matrix ds, Vector dw) => Assert.That(
            () => Backend.ResidualRmsNormBackward(dy, sum, weight, rstd, ds, dw, accumulate: false),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        var empty = new Matrix(buffer, 0, 0, 64, 64);
        Backend.ResidualRmsNormBackward(
            empty, empty, buffer.AsVector(), floats.AsVector().Slice(0, 0), empty, floats.AsVector(), accumulate: false);
        Assert.That(Download(floats.AsVector()), Is.All.Zero);
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 2 * 64, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        AssertAllocatesNothing(() => Backend.ResidualRmsNormBackward(
            buffer.AsMatrix(2, 64), buffer.AsMatrix(2, 64), buffer.AsVector().Slice(0, 64), floats.AsVector().Slice(0, 2),
            buffer.AsMatrix(2, 64), floats.AsVector(), accumulate: true));
    }

    /// <summary>Blocks when the tokens are more: up to 1024 numbers a thread has one packet, and 1024 threads find registers; beyond, two or four and 512.</summary>
    private int LargestGrid(int hidden)
    {
        var (packets, threads) = hidden <= 1024 ? (1, 1024) : (hidden <= 8192 ? 2 : 4, 512);
        var block = ((hidden / 8) + (32 * packets) - 1) / (32 * packets) * 32;
        return threads / block * Backend.Context.MultiprocessorCount;
    }

    /// <summary>Runs with strides of each operand's own, or one where two are the same memory.</summary>
    private (double[] SumGradient, double[] WeightGradient) Run(Problem problem, Aliasing aliasing)
    {
        var (tokens, hidden) = (problem.Tokens, problem.Hidden);
        var stride = hidden + 24;
        var (outputGradientStride, sumStride) = (
            aliasing == Aliasing.OutputGradient ? stride : hidden + 8, aliasing == Aliasing.Sum ? stride : hidden + 16);
        using var outputGradient = UploadRows(problem.OutputGradient, hidden, outputGradientStride);
        using var sum = UploadRows(problem.Sum, hidden, sumStride);
        using var weight = UploadBetweenGuards(problem.Weight, 8, DataType.BFloat16);
        using var rstd = UploadBetweenGuards(problem.Rstd, Guard);
        using var separate = problem.Accumulate ? UploadRows(problem.Earlier, hidden, stride) : PoisonedRows(tokens, stride);
        using var weightGradient = UploadBetweenGuards(problem.WeightGradientBefore, Guard);
        var sumGradient = aliasing switch
        {
            Aliasing.OutputGradient => outputGradient,
            Aliasing.Sum => sum,
            _ => separate,
        };

        Backend.ResidualRmsNormBackward(
            new Matrix(outputGradient, 0, tokens, hidden, outputGradientStride), new Matrix(sum, 0, tokens, hidden, sumStride),
            weight.AsVector().Slice(8, hidden), rstd.AsVector().Slice(Guard, tokens),
            new Matrix(sumGradient, 0, tokens, hidden, stride), weightGradient.AsVector().Slice(Guard, hidden), problem.Accumulate);
        return (DownloadRows(sumGradient, hidden, stride), DownloadBetweenGuards(weightGradient, Guard));
    }

    /// <summary>
    /// Before its one rounding to bf16 the result is an fp32 number that lies within some 64 roundings of 2^-24 of its
    /// terms' magnitude: 2^-18, doubled.
    /// A weight's gradient has an addition a row of its block, a 32nd of the blocks', and the finisher's 33; and
    /// one rounding more, of the product.
    /// </summary>
    private void Check(Problem problem, Aliasing aliasing)
    {
        var (tokens, hidden) = (problem.Tokens, problem.Hidden);
        var actual = Run(problem, aliasing);
        var weightGradient = (double[])problem.WeightGradientBefore.Clone();
        double[] weightMagnitude = [.. weightGradient.Select(Math.Abs)];
        var (expected, errors) = (new double[tokens * hidden], new double[tokens * hidden]);
        for (var t = 0; t < tokens; t++)
        {
            var (mean, meanMagnitude) = (0.0, 0.0);
            for (var c = 0; c < hidden; c++)
            {
                var i = (t * hidden) + c;
                var n = problem.Sum[i] * problem.Rstd[t];
                var gn = problem.OutputGradient[i] * problem.Weight[c] * n;
                mean += gn / hidden;
                meanMagnitude += Math.Abs(gn) / hidden;
                weightGradient[c] += problem.OutputGradient[i] * n;
                weightMagnitude[c] += Math.Abs(problem.OutputGradient[i] * n);
            }

            for (var c = 0; c < hidden; c++)
            {
                var i = (t * hidden) + c;
                var (g, n) = (problem.OutputGradient[i] * problem.Weight[c], problem.Sum[i] * problem.Rstd[t]);
                var earlier = problem.Accumulate ? problem.Earlier[i] : 0;
                expected[i] = earlier + (problem.Rstd[t] * (g - (n * mean)));
                errors[i] = Math.ScaleB(Math.Abs(earlier) + (problem.Rstd[t] * (Math.Abs(g) + (Math.Abs(n) * meanMagnitude))), -17);
            }
        }

        AssertRounded(actual.SumGradient, expected, errors);
        var blocks = Math.Min(tokens, LargestGrid(hidden));
        var additions = ((tokens + blocks - 1) / blocks) + ((blocks + 31) / 32) + 33 + 1;
        for (var c = 0; c < hidden; c++)
        {
            if (!(Math.Abs(actual.WeightGradient[c] - weightGradient[c]) <= Math.ScaleB(additions * weightMagnitude[c], -24)))
                Assert.Fail($"weightGradient[{c}] is {actual.WeightGradient[c]}, not {weightGradient[c]}");
        }
    }

    public enum Aliasing
    {
        None,
        OutputGradient,
        Sum,
    }

    /// <summary>Random operands: gradients correlated with the sum, so that the mean counts; rstd of that sum.</summary>
    private sealed class Problem
    {
        public Problem(int tokens, int hidden, bool accumulate)
        {
            (Tokens, Hidden, Accumulate) = (tokens, hidden, accumulate);
            var seed = (tokens * 1009) + hidden;
            Sum = Normal(seed, tokens * hidden, 3);
            Weight = Normal(seed + 1, hidden);
            OutputGradient = [.. Normal(seed + 2, tokens * hidden).Select((value, i) => BFloat16Reference.Round(value + (0.3 * Sum[i] * Weight[i % hidden])))];
            Earlier = Normal(seed + 3, tokens * hidden, 2);
            WeightGradientBefore = Normal(seed + 4, hidden);
            Rstd = [.. Sum.Chunk(hidden).Select(row => (double)(float)(1 / Math.Sqrt(row.Sum(value => value * value) / hidden)))];
        }

        public int Tokens { get; }

        public int Hidden { get; }

        public bool Accumulate { get; }

        public double[] Sum { get; }

        public double[] Weight { get; }

        public double[] OutputGradient { get; }

        public double[] Earlier { get; }

        public double[] WeightGradientBefore { get; }

        public double[] Rstd { get; }
    }
}
