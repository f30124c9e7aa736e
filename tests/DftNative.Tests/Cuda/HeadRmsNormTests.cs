using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/head_rmsnorm.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class HeadRmsNormTests : CudaLayerFixture
{
    private const int Guard = 4;

    /// <summary>Head dimensions of one lane to a warp, whole powers of two of them and not.</summary>
    [Test]
    public void ForwardAgreesWithFp64(
        [Values(8, 16, 24, 64, 80, 96, 128, 200, 256)] int headDimension,
        [Values(1, 3)] int heads,
        [Values(1, 35)] int tokens,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        CheckForward(new Problem(tokens, heads, headDimension), 1e-6f);
    }

    [Test]
    public void EpsilonCountsBesideTheMeanSquare() => CheckForward(new Problem(5, 2, 64), 2.5f);

    [Test]
    public void BackwardAgreesWithFp64(
        [Values(8, 16, 24, 64, 80, 96, 128, 200, 256)] int headDimension,
        [Values(1, 3)] int heads,
        [Values(1, 35)] int tokens,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        CheckBackward(new Problem(tokens, heads, headDimension), Aliasing.None);
    }

    /// <summary>More heads than the grid holds at once, the last turn with a part of them.</summary>
    [Test]
    public void BackwardTakesHeadsInTurns([Values(0ul, 1ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        const int headsOfABlock = 512 / 16;
        var blocks = 2 * Backend.Context.MultiprocessorCount;
        var tokens = ((blocks * headsOfABlock) + 40) / 3;
        CudaEmulator.ResetCounters();
        CheckBackward(new Problem(tokens, 3, 80), Aliasing.None);
        Assert.That(CudaEmulator.CountersOf("head_rmsnorm_backward").Blocks, Is.EqualTo(blocks));
    }

    [Test]
    public void TheGradientMayReplaceAnOperand([Values(Aliasing.OutputGradient, Aliasing.X)] Aliasing aliasing) =>
        CheckBackward(new Problem(9, 5, 64), aliasing);

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new Problem(50, 4, 96);
        var (output, rstd) = Forward(problem, 1e-6f);
        var (gradient, weightGradient) = Backward(problem, Aliasing.None);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var (shuffledOutput, shuffledRstd) = Forward(problem, 1e-6f);
            var (shuffledGradient, shuffledWeightGradient) = Backward(problem, Aliasing.None);
            AssertSameBits(shuffledOutput, output);
            AssertSameBits(shuffledRstd, rstd);
            AssertSameBits(shuffledGradient, gradient);
            AssertSameBits(shuffledWeightGradient, weightGradient);
        }
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int tokens = 50, heads = 3, headDimension = 96, items = tokens * heads, lanes = 16, blocks = 5;
        var problem = new Problem(tokens, heads, headDimension);
        CudaEmulator.ResetCounters();
        Forward(problem, 1e-6f);
        Backward(problem, Aliasing.None);

        var forward = CudaEmulator.CountersOf("head_rmsnorm_forward");
        var backward = CudaEmulator.CountersOf("head_rmsnorm_backward");
        Assert.Multiple(() =>
        {
            Assert.That(forward.Launches, Is.EqualTo(1));
            Assert.That(forward.Threads, Is.EqualTo(5 * 256), "150 heads, 32 a block");
            Assert.That(forward.BytesReadStreaming, Is.EqualTo(items * headDimension * 2));
            Assert.That(forward.BytesReadReused, Is.EqualTo(5 * 256 / lanes * headDimension * 2));
            Assert.That(forward.BytesWritten, Is.EqualTo(items * ((headDimension * 2) + 4)));
            Assert.That(forward.WarpCollectives, Is.EqualTo(10 * 256 / 32));
            Assert.That(backward.Launches, Is.EqualTo(1));
            Assert.That(backward.Threads, Is.EqualTo(blocks * 512), "150 heads, 32 a block");
            Assert.That(backward.BytesReadStreaming, Is.EqualTo(items * headDimension * 2 * 2));
            Assert.That(
                backward.BytesReadReused, Is.EqualTo((items * headDimension / 8 * 4) + (blocks * 512 / lanes * headDimension * 2)));
            Assert.That(backward.BytesWritten, Is.EqualTo((items * headDimension * 2) + (blocks * headDimension * 4)));
            Assert.That(backward.BlockBarriers, Is.EqualTo(blocks));
        });
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        var (empty, w, rstd) = (new Matrix(buffer, 0, 0, 128, 128), buffer.AsVector(), floats.AsVector().Slice(0, 0));
        Backend.HeadRmsNormForward(empty, w, empty, rstd, 1e-6f);
        Backend.HeadRmsNormBackward(empty, empty, w, rstd, empty, floats.AsVector());
        Assert.That(Download(floats.AsVector()), Is.All.Zero);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 1024, MemoryCategory.Activations, "x");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        var (x, other, w) = (buffer.AsMatrix(2, 128), buffer.AsMatrix(1, 128), buffer.AsVector().Slice(0, 64));
        var (rstd, dw) = (floats.AsVector().Slice(0, 4), floats.AsVector());
        Assert.Multiple(() =>
        {
            Rejects("output is [1, 128] and must be [2, 128]", () => Backend.HeadRmsNormForward(x, w, other, rstd, 1));
            Rejects("rstd has 64 elements and must have 4", () => Backend.HeadRmsNormForward(x, w, x, dw, 1));
            Rejects("head dimension 12", () => Backend.HeadRmsNormForward(x, w.Slice(0, 12), x, rstd, 1));
            Rejects("head dimension 264", () => Backend.HeadRmsNormForward(x, buffer.AsVector().Slice(0, 264), x, rstd, 1));
            Rejects("head dimension 0", () => Backend.HeadRmsNormForward(x, w.Slice(0, 0), x, rstd, 1));
            Rejects("not a multiple of the head dimension 24", () => Backend.HeadRmsNormForward(x, w.Slice(0, 24), x, rstd, 1));
            Rejects("outputGradient is [1, 128]", () => Backend.HeadRmsNormBackward(other, x, w, rstd, x, dw));
            Rejects("xGradient is [1, 128]", () => Backend.HeadRmsNormBackward(x, x, w, rstd, other, dw));
            Rejects("weightGradient has 4 elements", () => Backend.HeadRmsNormBackward(x, x, w, rstd, x, rstd));
        });

        static void Rejects(string message, Action operation) =>
            Assert.That(operation, Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var other = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "y");
        using var floats = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "floats");
        AssertAllocatesNothing(() =>
        {
            var (x, w, rstd) = (buffer.AsMatrix(2, 128), buffer.AsVector().Slice(0, 64), floats.AsVector().Slice(0, 4));
            Backend.HeadRmsNormForward(x, w, other.AsMatrix(2, 128), rstd, 1e-6f);
            Backend.HeadRmsNormBackward(x, x, w, rstd, other.AsMatrix(2, 128), floats.AsVector());
        });
    }

    private (double[] Output, double[] Rstd) Forward(Problem problem, float epsilon)
    {
        var (tokens, columns, size) = (problem.Tokens, problem.Heads * problem.HeadDimension, problem.HeadDimension);
        using var x = UploadRows(problem.X, columns, columns + 8);
        using var weight = UploadBetweenGuards(problem.Weight, 8, DataType.BFloat16);
        using var output = PoisonedRows(tokens, columns + 16);
        using var rstd = UploadBetweenGuards(new double[tokens * problem.Heads], Guard);
        Backend.HeadRmsNormForward(
            new Matrix(x, 0, tokens, columns, columns + 8), weight.AsVector().Slice(8, size),
            new Matrix(output, 0, tokens, columns, columns + 16), rstd.AsVector().Slice(Guard, tokens * problem.Heads), epsilon);
        return (DownloadRows(output, columns, columns + 16), DownloadBetweenGuards(rstd, Guard));
    }

    /// <summary>As in ResidualRmsNormTests: rstd is fp32, and its error may tip one of the two roundings.</summary>
    private void CheckForward(Problem problem, float epsilon)
    {
        var (output, rstd) = Forward(problem, epsilon);
        var size = problem.HeadDimension;
        var equal = 0;
        for (var item = 0; item < problem.Tokens * problem.Heads; item++)
        {
            var x = problem.X.AsSpan(item * size, size).ToArray();
            var expectedRstd = 1 / Math.Sqrt((x.Sum(value => value * value) / size) + epsilon);
            Assert.That(Math.Abs(rstd[item] - expectedRstd), Is.InRange(0, Math.ScaleB(expectedRstd, -20)), $"rstd[{item}]: under 16 roundings");
            for (var c = 0; c < size; c++)
            {
                var expected = BFloat16Reference.Round(BFloat16Reference.Round(x[c] * expectedRstd) * problem.Weight[c]);
                var actual = output[(item * size) + c];
                if (actual == expected)
                    equal++;
                else if (!(Math.Abs(actual - expected) <= 0.012 * Math.Abs(expected)))
                    Assert.Fail($"output[{item}, {c}] is {actual}, not {expected}");
            }
        }

        Assert.That(equal, Is.GreaterThanOrEqualTo(0.99 * output.Length), "equal to the last bit");
    }

    private (double[] XGradient, double[] WeightGradient) Backward(Problem problem, Aliasing aliasing)
    {
        var (tokens, columns, size) = (problem.Tokens, problem.Heads * problem.HeadDimension, problem.HeadDimension);
        var stride = columns + 24;
        var (outputGradientStride, xStride) = (
            aliasing == Aliasing.OutputGradient ? stride : columns + 8, aliasing == Aliasing.X ? stride : columns + 16);
        using var outputGradient = UploadRows(problem.OutputGradient, columns, outputGradientStride);
        using var x = UploadRows(problem.X, columns, xStride);
        using var weight = UploadBetweenGuards(problem.Weight, 8, DataType.BFloat16);
        using var rstd = UploadBetweenGuards(problem.Rstd, Guard);
        using var separate = PoisonedRows(tokens, stride);
        using var weightGradient = UploadBetweenGuards(problem.WeightGradientBefore, Guard);
        var xGradient = aliasing switch
        {
            Aliasing.OutputGradient => outputGradient,
            Aliasing.X => x,
            _ => separate,
        };

        Backend.HeadRmsNormBackward(
            new Matrix(outputGradient, 0, tokens, columns, outputGradientStride), new Matrix(x, 0, tokens, columns, xStride),
            weight.AsVector().Slice(8, size), rstd.AsVector().Slice(Guard, tokens * problem.Heads),
            new Matrix(xGradient, 0, tokens, columns, stride), weightGradient.AsVector().Slice(Guard, size));
        return (DownloadRows(xGradient, columns, stride), DownloadBetweenGuards(weightGradient, Guard));
    }

    /// <summary>
    /// An fp32 number within some 20 roundings of 2^-24 of its terms' magnitude, doubled: 2^-18; then one rounding to bf16.
    /// A weight's gradient has an addition a head of its group, one a group of its block, a 32nd of the blocks', the
    /// finisher's 33, and the rounding of a product: with these problems at most 2, 512, 9, 33 and 1.
    /// </summary>
    private void CheckBackward(Problem problem, Aliasing aliasing)
    {
        var (gradient, weightGradient) = Backward(problem, aliasing);
        var size = problem.HeadDimension;
        var (expected, errors) = (new double[gradient.Length], new double[gradient.Length]);
        var expectedWeight = (double[])problem.WeightGradientBefore.Clone();
        double[] weightMagnitude = [.. expectedWeight.Select(Math.Abs)];
        for (var item = 0; item < problem.Tokens * problem.Heads; item++)
        {
            var scale = problem.Rstd[item];
            var (mean, meanMagnitude) = (0.0, 0.0);
            for (var c = 0; c < size; c++)
            {
                var (dy, n) = (problem.OutputGradient[(item * size) + c], problem.X[(item * size) + c] * scale);
                mean += dy * problem.Weight[c] * n / size;
                meanMagnitude += Math.Abs(dy * problem.Weight[c] * n) / size;
                expectedWeight[c] += dy * n;
                weightMagnitude[c] += Math.Abs(dy * n);
            }

            for (var c = 0; c < size; c++)
            {
                var i = (item * size) + c;
                var (g, n) = (problem.OutputGradient[i] * problem.Weight[c], problem.X[i] * scale);
                expected[i] = scale * (g - (n * mean));
                errors[i] = Math.ScaleB(scale * (Math.Abs(g) + (Math.Abs(n) * meanMagnitude)), -18);
            }
        }

        AssertRounded(gradient, expected, errors);
        for (var c = 0; c < size; c++)
        {
            Assert.That(
                Math.Abs(weightGradient[c] - expectedWeight[c]), Is.InRange(0, Math.ScaleB((512 + 45) * weightMagnitude[c], -24)),
                $"weightGradient[{c}]");
        }
    }

    public enum Aliasing
    {
        None,
        OutputGradient,
        X,
    }

    /// <summary>Random operands: gradients correlated with x, so that the mean counts; rstd of that x.</summary>
    private sealed class Problem
    {
        public Problem(int tokens, int heads, int headDimension)
        {
            (Tokens, Heads, HeadDimension) = (tokens, heads, headDimension);
            var (seed, count) = ((tokens * 1009) + (heads * 107) + headDimension, tokens * heads * headDimension);
            X = Normal(seed, count, 3);
            Weight = Normal(seed + 1, headDimension);
            OutputGradient = [.. Normal(seed + 2, count).Select((value, i) => BFloat16Reference.Round(value + (0.3 * X[i] * Weight[i % headDimension])))];
            WeightGradientBefore = Normal(seed + 3, headDimension);
            Rstd = [.. X.Chunk(headDimension).Select(head => (double)(float)(1 / Math.Sqrt(head.Sum(value => value * value) / headDimension)))];
        }

        public int Tokens { get; }

        public int Heads { get; }

        public int HeadDimension { get; }

        public double[] X { get; }

        public double[] Weight { get; }

        public double[] OutputGradient { get; }

        public double[] WeightGradientBefore { get; }

        public double[] Rstd { get; }
    }
}
