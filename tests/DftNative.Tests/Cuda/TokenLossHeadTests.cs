using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>The whole loss head, its GEMMs included, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class TokenLossHeadTests : CudaBackendFixture
{
    private const int Hidden = 24;

    [Test]
    public void LossAndGradientsAgreeWithFp64(
        [Values(1, 13, 64, 257)] int vocabulary, [Values(1, 4, 9, 10, 4096)] int chunkRows, [Values(0ul, 1ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        using var head = new Head(this, rows: 9, vocabulary, TokenWeighting.Dft);
        head.Run(backward: true, chunkRows);
        head.Check(backward: true);
    }

    [Test]
    public void ForwardAlone([Values(2, 4096)] int chunkRows)
    {
        using var head = new Head(this, rows: 5, 33, TokenWeighting.Sft);
        head.Run(backward: false, chunkRows);
        head.Check(backward: false);
    }

    /// <summary>Statistics and log p are each row's own; only the sum over rows of the weight gradient is cut elsewhere.</summary>
    [Test]
    public void TheChunkChangesNoLogProbability()
    {
        using var head = new Head(this, rows: 11, 100, TokenWeighting.Dft);
        head.Run(backward: true);
        var (logProbabilities, statistics) = (head.LogProbabilities, head.Statistics);
        head.Run(backward: true, chunkRows: 3);
        Assert.Multiple(() =>
        {
            Assert.That(head.LogProbabilities, Is.EqualTo(logProbabilities));
            Assert.That(head.Statistics.Zip(statistics, (after, before) => after - before), Is.EqualTo(statistics).Within(1e-12), "added a second time");
        });
    }

    [TestCase(4096, 1)]
    [TestCase(9, 1)]
    [TestCase(8, 2)]
    [TestCase(4, 3)]
    [TestCase(1, 9)]
    public void AChunkHasTheRowsThatWereAskedFor(int chunkRows, int launches)
    {
        using var head = new Head(this, rows: 9, 13, TokenWeighting.Dft);
        CudaEmulator.ResetCounters();
        head.Run(backward: true, chunkRows);
        head.Check(backward: true);
        Assert.That(CudaEmulator.CountersOf("token_loss").Launches, Is.EqualTo(launches));
    }

    /// <summary>To bf16 gradients each chunk's product is one addition, rounded once from the fp32 sum with what was there.</summary>
    [Test]
    public void AChunkIsOneRoundedAddition([Values(1, 4, 4096)] int chunkRows)
    {
        const int rows = 9, vocabulary = 33;
        var rounding = new GradientRounding(7, 2, 1);
        using var head = new Head(this, rows, vocabulary, TokenWeighting.Dft);
        var all = head.Arguments(backward: true, chunkRows);
        var expected = Normal(8, vocabulary * Hidden, 0.01);
        using var gradients = Upload(expected);
        Backend.BeginPass(rounding);
        Backend.TokenLoss(all with { WeightGradient = gradients.AsMatrix(vocabulary, Hidden) });
        for (var (start, addition) = (0, 0); start < rows; start += chunkRows, addition++)
        {
            var count = Math.Min(chunkRows, rows - start);
            using var product = Upload(new double[expected.Length], DataType.Float32);
            Backend.TokenLoss(all with
            {
                Hidden = all.Hidden.SliceRows(start, count),
                Targets = all.Targets.Slice(start, count),
                StaticWeights = all.StaticWeights.Slice(start, count),
                IsStatic = all.IsStatic.Slice(start, count),
                LogProbabilities = all.LogProbabilities.Slice(start, count),
                HiddenGradient = all.HiddenGradient.SliceRows(start, count),
                WeightGradient = product.AsMatrix(vocabulary, Hidden),
            });
            var sums = Download(product.AsVector());
            var number = addition;
            expected = [.. expected.Select((value, i) => RoundedAddition.Of((float)value + (float)sums[i], rounding, number, i))];
        }

        Assert.That(Download(gradients.AsVector()), Is.EqualTo(expected));
    }

    /// <summary>Dead rows in a live row's chunk, in one of their own, at the edge of one: no loss, no statistics, gradients of zero.</summary>
    [Test]
    public void DeadRowsHaveNoLossAndNoGradient([Values(1, 7, 23)] int deadRows, [Values(3, 9, 16, 4096)] int chunkRows, [Values] bool backward)
    {
        using var head = new Head(this, rows: 9, 33, TokenWeighting.Dft, deadRows);
        head.Run(backward, chunkRows);
        head.Check(backward);
    }

    [Test]
    public void WhatIsNoFunctionOfProbabilityIsRefused()
    {
        using var head = new Head(this, rows: 4, 16, TokenWeighting.Dft);
        var right = head.Arguments(backward: true);
        Assert.Multiple(() =>
        {
            Assert.That(() => Backend.TokenLoss(right with { Weighting = TokenWeighting.Sft with { EntropyTopK = 20 } }), Throws.TypeOf<NotSupportedException>());
            Assert.That(
                () => Backend.TokenLoss(right with { Reference = new ReferenceHead(right.Hidden, right.Weight, right.StaticWeights, 1) }),
                Throws.TypeOf<NotSupportedException>());
        });
    }

    [Test]
    public void NoRowsChangeNothing()
    {
        using var head = new Head(this, rows: 0, 16, TokenWeighting.Dft);
        head.Run(backward: true);
        head.Check(backward: true);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var head = new Head(this, rows: 4, 16, TokenWeighting.Dft);
        var right = head.Arguments(backward: true);
        Assert.Multiple(() =>
        {
            Fails(right with { HiddenGradient = default }, "both or neither");
            Fails(right with { WeightGradient = default }, "both or neither");
            Fails(right with { Targets = right.Targets.Slice(0, 3) }, "Targets has 3 elements and must have 4");
            Fails(right with { Hidden = right.Hidden.SliceRows(0, 3), HiddenGradient = right.HiddenGradient.SliceRows(0, 3) }, "LogProbabilities has 4 elements and must have 3");
            Fails(right with { StaticWeights = right.StaticWeights.Slice(0, 3) }, "StaticWeights has 3 elements and must have 4");
            Fails(right with { IsStatic = right.IsStatic.Slice(0, 3) }, "IsStatic has 3 elements and must have 4");
            Fails(right with { LogProbabilities = right.LogProbabilities.Slice(0, 3) }, "Targets has 4 elements and must have 3");
            Fails(right with { Statistics = right.Statistics.Slice(0, 5) }, "tatistics has 5 elements and must have 69");
            Fails(right with { HiddenGradient = right.HiddenGradient.SliceRows(0, 3) }, "HiddenGradient is [3, 24] and must be [4, 24]");
            Fails(right with { WeightGradient = right.WeightGradient.SliceRows(0, 3) }, "WeightGradient is [3, 24] and must be [16, 24]");
            Fails(right with { ChunkRows = 0 }, "ChunkRows");
            Fails(right with { Targets = right.StaticWeights }, "must be Int32");
            Fails(right with { IsStatic = right.StaticWeights }, "must be Int32");
            Fails(right with { StaticWeights = right.Targets }, "must be Float32");
        });

        void Fails(TokenLossArguments arguments, string message) =>
            Assert.That(() => Backend.TokenLoss(arguments), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void AStepAllocatesNothing()
    {
        using var head = new Head(this, rows: 4, 16, TokenWeighting.Dft);
        var arguments = head.Arguments(backward: true, chunkRows: 3);
        Backend.TokenLoss(arguments);
        Backend.Synchronize();
        var device = Backend.AllocatedBytes;
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 10; i++) Backend.TokenLoss(arguments);
            Backend.Synchronize();
        });
        Assert.That(Backend.AllocatedBytes, Is.EqualTo(device));
    }

    /// <summary>Random operands on the device, and what fp64 makes of them.</summary>
    private sealed class Head : IDisposable
    {
        private const int Stride = Hidden + 8;
        private readonly TokenLossHeadTests test;
        private readonly TokenLossProblem problem;
        private readonly double[] hidden, weight, weightGradientBefore;
        private readonly int deadRows;
        private readonly DeviceBuffer hiddenBuffer, weightBuffer, targets, staticWeights, isStatic, logProbabilities, statistics;
        private readonly DeviceBuffer hiddenGradient, weightGradient;

        public Head(TokenLossHeadTests test, int rows, int vocabulary, TokenWeighting weighting, int deadRows = 0)
        {
            this.deadRows = deadRows;
            this.test = test;
            hidden = Normal(rows + 1, rows * Hidden);
            weight = Normal(vocabulary + 2, vocabulary * Hidden, 0.5);
            weightGradientBefore = Normal(3, vocabulary * Hidden, 0.01);
            var logits = new double[rows * vocabulary];
            for (var i = 0; i < logits.Length; i++)
            {
                var (row, j) = (i / vocabulary, i % vocabulary);
                for (var c = 0; c < Hidden; c++) logits[i] += hidden[(row * Hidden) + c] * weight[(j * Hidden) + c];
            }

            problem = new TokenLossProblem(logits, [.. Enumerable.Range(0, rows).Select(row => row * 5 % vocabulary)], vocabulary, weighting);
            hiddenBuffer = test.Upload([.. hidden.Concat(Normal(4, deadRows * Hidden)).Chunk(Hidden).SelectMany(row => row.Concat(new double[Stride - Hidden]))]);
            weightBuffer = test.Upload(weight);
            targets = test.Upload(problem.Targets);
            staticWeights = test.Upload(problem.StaticWeights, DataType.Float32);
            isStatic = test.Upload(problem.IsStatic);
            logProbabilities = test.AllocatePoisoned(DataType.Float32, rows);
            statistics = test.Backend.Allocate(DataType.Float64, TokenLossStatistics.Length, MemoryCategory.Workspace, "statistics");
            hiddenGradient = test.AllocatePoisoned(DataType.BFloat16, (rows + deadRows) * Stride);
            weightGradient = test.Upload(weightGradientBefore, DataType.Float32);
        }

        public double[] LogProbabilities => test.Download(logProbabilities.AsVector());

        public double[] Statistics => test.Download(statistics.AsVector());

        public TokenLossArguments Arguments(bool backward, int chunkRows = 4096) => new(
            Rows(hiddenBuffer), weightBuffer.AsMatrix(problem.Vocabulary, Hidden), targets.AsVector(), staticWeights.AsVector(),
            isStatic.AsVector(), logProbabilities.AsVector(), statistics.AsVector(), backward ? Rows(hiddenGradient) : default,
            backward ? weightGradient.AsMatrix(problem.Vocabulary, Hidden) : default, problem.Scale, problem.Weighting, chunkRows);

        public void Run(bool backward, int chunkRows = 4096) => test.Backend.TokenLoss(Arguments(backward, chunkRows));

        /// <summary>
        /// Logits are fp32 sums of 24 exact products, |z| below 20: an error of 24 · 2^-24 · 20 each at most, so 6e-5 in log p,
        /// and as much relative in w. A logit's gradient is rounded to bf16, at most 2^-8 and
        /// in the mean below half of that, and so is the hidden gradient.
        /// </summary>
        public void Check(bool backward)
        {
            var values = LogProbabilities;
            for (var row = 0; row < problem.Rows; row++) Assert.That(values[row], Is.EqualTo(problem.LogProbabilities[row]).Within(6e-5));
            var sums = Statistics;
            Assert.Multiple(() =>
            {
                Assert.That(sums[0], Is.EqualTo(problem.Rows));
                Assert.That(sums[1], Is.EqualTo(problem.Losses.Sum()).Within(1e-3));
                Assert.That(sums[2], Is.EqualTo(-problem.LogProbabilities.Sum()).Within(1e-3));
                Assert.That(sums[3], Is.EqualTo(problem.LogProbabilities.Sum(Math.Exp)).Within(1e-3));
                Assert.That(sums[4], Is.EqualTo(problem.Correct.Sum()));
                Assert.That(sums[5..].Sum(), Is.EqualTo(problem.Rows));
            });

            var (expectedHidden, expectedWeight) = Gradients();
            var actualHidden = test.Download(hiddenGradient.AsVector());
            var actualWeight = test.Download(weightGradient.AsVector());
            if (!backward)
            {
                Assert.That(actualHidden, Is.All.NaN);
                Assert.That(actualWeight, Is.EqualTo(weightGradientBefore.Select(value => (double)(float)value)));
                return;
            }

            Assert.That(actualHidden.Chunk(Stride).SelectMany(row => row[Hidden..]), Is.All.NaN, "between the rows");
            Assert.That(actualHidden.Chunk(Stride).Skip(problem.Rows).SelectMany(row => row[..Hidden]), Is.All.Zero, "dead rows");
            // A vocabulary of one has no gradient, and 1 - p is an error of rounding.
            var scale = problem.Vocabulary == 1 ? 1e-6 : 0;
            Assert.That(
                Difference([.. actualHidden.Chunk(Stride).Take(problem.Rows).SelectMany(row => row[..Hidden])], expectedHidden),
                Is.InRange(0, (Math.ScaleB(1, -8) * Norm(expectedHidden)) + scale));
            var added = actualWeight.Zip(weightGradientBefore, (after, before) => after - before).ToArray();
            Assert.That(
                Difference(added, expectedWeight), Is.InRange(0, (Math.ScaleB(1, -8) * Norm(expectedWeight)) + 1e-6));
        }

        public void Dispose()
        {
            foreach (var buffer in (DeviceBuffer[])
                [hiddenBuffer, weightBuffer, targets, staticWeights, isStatic, logProbabilities, statistics, hiddenGradient, weightGradient])
            {
                buffer.Dispose();
            }
        }

        private Matrix Rows(DeviceBuffer buffer) => new(buffer, 0, problem.Rows + deadRows, Hidden, Stride);

        private (double[] Hidden, double[] Weight) Gradients()
        {
            var (hiddenSums, weightSums) = (new double[hidden.Length], new double[weight.Length]);
            for (var i = 0; i < problem.Gradients.Length; i++)
            {
                var (row, j) = (i / problem.Vocabulary, i % problem.Vocabulary);
                for (var c = 0; c < Hidden; c++)
                {
                    hiddenSums[(row * Hidden) + c] += problem.Gradients[i] * weight[(j * Hidden) + c];
                    weightSums[(j * Hidden) + c] += problem.Gradients[i] * hidden[(row * Hidden) + c];
                }
            }

            return (hiddenSums, weightSums);
        }

        private static double Norm(double[] values) => Math.Sqrt(values.Sum(value => value * value));

        private static double Difference(double[] actual, double[] expected) =>
            Norm([.. actual.Zip(expected, (a, b) => double.IsNaN(a) ? double.PositiveInfinity : a - b)]);
    }
}
