using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/token_loss.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class TokenLossTests : CudaBackendFixture
{
    private const string Kernel = "token_loss";
    private const uint Untouched = 0x42424242;

    /// <summary>Vocabularies on both sides of a packet, of a warp, of the largest block, and of 2, 3, 4 and 7 waves.</summary>
    private static readonly int[] Vocabularies =
        [1, 2, 3, 4, 5, 7, 8, 9, 31, 255, 256, 257, 1000, 4099, 8191, 8192, 8193, 16_385, 24_578, 32_003, 57_353];

    [Test]
    public void GradientsReplaceTheLogits(
        [ValueSource(nameof(Vocabularies))] int vocabulary, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new TokenLossProblem(rows: 5, vocabulary, TokenWeighting.Dft);
        Check(problem, Run(problem, backward: true), backward: true);
    }

    [Test]
    public void ForwardLeavesTheLogits([Values(1, 9, 257, 8193, 24_578)] int vocabulary, [Values(0ul, 1ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new TokenLossProblem(rows: 4, vocabulary, TokenWeighting.Dft);
        Check(problem, Run(problem, backward: false), backward: false);
    }

    [TestCase(0f, 0f, 0f)]
    [TestCase(0f, 0.5f, 0f)]
    [TestCase(1f, 0.25f, 0f)]
    [TestCase(0.5f, 0f, 0f)]
    [TestCase(2f, 0f, 0f)]
    [TestCase(0f, 0f, 2f)]
    [TestCase(0f, 0f, 0.3f)]
    [TestCase(0f, 0f, 5f)]
    [TestCase(0.5f, 0.1f, 1.5f)]
    public void Weightings(float exponent, float minWeight, float focalGamma)
    {
        var problem = new TokenLossProblem(rows: 12, 129, new TokenWeighting(exponent, minWeight) { FocalGamma = focalGamma });
        for (ulong order = 0; order <= 2; order++)
        {
            CudaEmulator.SetOrder(order);
            Check(problem, Run(problem, backward: true), backward: true);
        }
    }

    /// <summary>
    /// 1 − p from e⁻³ to e⁻¹⁰ as log p has it, where 1 − e^(log p) has lost up to a thousandth. What is left is the rounding of
    /// γ·ln(1 − p), which is at most 20, and a few ulp.
    /// </summary>
    [TestCase(2f)]
    [TestCase(1f)]
    [TestCase(0.3f)]
    public void FocalKeepsItsDigitsWhereTheTargetIsAlmostCertain(float gamma)
    {
        double[] logits = [.. Enumerable.Range(0, 20).SelectMany(i => new[] { 0, (float)(-3 - (0.37 * i)) })];
        var problem = new TokenLossProblem(logits, new int[20], 2, TokenWeighting.Focal(gamma));
        var result = Run(problem, backward: false);
        for (var row = 0; row < problem.Rows; row++)
        {
            var logProbability = result.LogProbabilities[row];
            var weight = problem.StaticWeights[row] * (problem.IsStatic[row] != 0 ? 1 : Math.Pow(1 - Math.Exp(logProbability), gamma));
            Assert.That(result.StatisticsOf(row).Loss, Is.EqualTo(-weight * logProbability).Within(3e-6 * -weight * logProbability), $"row {row}");
        }
    }

    /// <summary>p = 1 weighs nothing and p = 0 everything, whatever γ; γ = 0 is sft to the bit.</summary>
    [Test]
    public void FocalAtTheEnds([Values(0.25f, 1f, 3f)] float gamma)
    {
        double[] logits = [200, 0, 0, 200, 0, 0];
        var problem = new TokenLossProblem(logits, [0, 0, 1], 2, TokenWeighting.Focal(gamma));
        var result = Run(problem, backward: true);
        Assert.Multiple(() =>
        {
            Assert.That(result.StatisticsOf(0).Loss, Is.Zero);
            Assert.That(result.Gradient(0), Is.All.Zero);
            Assert.That(result.StatisticsOf(1).Loss, Is.EqualTo(problem.StaticWeights[1] * 200).Within(1e-4));
            Assert.That(result.Gradient(1)[0], Is.EqualTo(-problem.Scale * problem.StaticWeights[1]).Within(0.4).Percent);
        });
    }

    [Test]
    public void FocalWithoutGammaIsSft()
    {
        var sft = Run(new TokenLossProblem(rows: 5, 300, TokenWeighting.Sft), backward: true);
        var focal = Run(new TokenLossProblem(rows: 5, 300, TokenWeighting.Focal(0)), backward: true);
        Assert.That(focal.Words, Is.EqualTo(sft.Words));
        Assert.That(focal.Statistics, Is.EqualTo(sft.Statistics));
    }

    [Test]
    public void ManyRowsWithWideStride()
    {
        var problem = new TokenLossProblem(rows: 300, 33, TokenWeighting.Dft);
        Check(problem, Run(problem, backward: true, stride: 52), backward: true);
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new TokenLossProblem(rows: 3, 20_001, TokenWeighting.Dft);
        var natural = Run(problem, backward: true);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var shuffled = Run(problem, backward: true);
            Assert.That(shuffled.Words, Is.EqualTo(natural.Words));
            Assert.That(shuffled.LogProbabilities, Is.EqualTo(natural.LogProbabilities));
        }
    }

    /// <summary>Logits whose differences overflow nothing, at both ends of what fp32 holds, and a p of exactly 1.</summary>
    [Test]
    public void ExtremeLogits()
    {
        double[] logits =
        [
            (float)3e38, (float)-3e38, 0, 1,
            (float)-3e38, (float)-3e38, (float)-3.2e38, (float)-3e38,
            90, -90, -95, -100,
            5, 5, 5, 5,
            double.NegativeInfinity, 1, 2, double.NegativeInfinity,
        ];
        var problem = new TokenLossProblem(logits, [0, 1, 0, 2, 2], 4, TokenWeighting.Dft);
        Check(problem, Run(problem, backward: true), backward: true);
    }

    /// <summary>Ties count as correct, as on the CPU.</summary>
    [Test]
    public void ATiedTargetIsCorrect()
    {
        var problem = new TokenLossProblem([1, 2, 2, 1, 2, 2], [1, 0], 3, TokenWeighting.Sft);
        Assert.That(problem.Correct, Is.EqualTo((double[])[1, 0]));
        Check(problem, Run(problem, backward: true), backward: true);
    }

    /// <summary>A row whose logits are not finite is NaN throughout and is nobody's correct answer; its neighbours are as ever.</summary>
    [Test]
    public void WhatIsNotFiniteStaysInItsRow(
        [Values(double.NaN, double.PositiveInfinity)] double value, [Values(0, 2, 256)] int column)
    {
        const int vocabulary = 257;
        var problem = new TokenLossProblem(rows: 3, vocabulary, TokenWeighting.Dft);
        var clean = Run(problem, backward: true);
        var spoilt = (double[])problem.Logits.Clone();
        spoilt[vocabulary + column] = value;
        var result = Run(problem, backward: true, logits: spoilt);

        Assert.Multiple(() =>
        {
            Assert.That(result.LogProbabilities[1], Is.NaN);
            Assert.That(result.Statistics[4..8], Is.EqualTo((double[])[double.NaN, double.NaN, double.NaN, 0]));
            Assert.That(result.Gradient(1), Is.All.NaN);
            foreach (var row in (int[])[0, 2])
            {
                Assert.That(result.LogProbabilities[row], Is.EqualTo(clean.LogProbabilities[row]));
                Assert.That(result.Gradient(row), Is.EqualTo(clean.Gradient(row)));
            }
        });
    }

    [Test]
    public void ARowOfNegativeInfinityIsNaN()
    {
        var problem = new TokenLossProblem(rows: 1, 9, TokenWeighting.Sft);
        var result = Run(problem, backward: true, logits: [.. Enumerable.Repeat(double.NegativeInfinity, 9)]);
        Assert.That(result.LogProbabilities[0], Is.NaN);
        Assert.That(result.Statistics[3], Is.Zero);
    }

    [TestCase(8193, 1024)]
    [TestCase(1000, 128)]
    [TestCase(3, 32)]
    public void MovesTheBytesThatItsBannerClaims(int vocabulary, int threads)
    {
        const int rows = 3;
        var problem = new TokenLossProblem(rows, vocabulary, TokenWeighting.Dft);
        foreach (var backward in (bool[])[false, true])
        {
            CudaEmulator.ResetCounters();
            Run(problem, backward);
            var counted = CudaEmulator.CountersOf(Kernel);
            Assert.Multiple(() =>
            {
                Assert.That(counted.Launches, Is.EqualTo(1));
                Assert.That(counted.Blocks, Is.EqualTo(rows));
                Assert.That(counted.Threads, Is.EqualTo(rows * threads));
                Assert.That(counted.BytesReadReused, Is.EqualTo(backward ? rows * vocabulary * 4 : 0));
                Assert.That(counted.BytesReadStreaming, Is.EqualTo(rows * ((vocabulary * 4) + 16)));
                Assert.That(counted.BytesWritten, Is.EqualTo(rows * ((backward ? vocabulary * 2 : 0) + 20)));
            });
        }
    }

    [Test]
    public void BarriersGrowWithTheLogarithmOfTheWaves()
    {
        // Two of the reductions; then the waves 0 and 2 of six.
        CudaEmulator.ResetCounters();
        Run(new TokenLossProblem(rows: 1, (5 * 8192) + 1, TokenWeighting.Dft), backward: true);
        Assert.That(CudaEmulator.CountersOf(Kernel).BlockBarriers, Is.EqualTo(4));
    }

    [Test]
    public void LogitsMustBeAligned()
    {
        using var buffer = Backend.Allocate(DataType.Float32, 64, MemoryCategory.LossHead, "logits");
        Assert.Multiple(() =>
        {
            Assert.That(() => Launch(new Matrix(buffer, 2, 2, 8, 8)), Throws.ArgumentException.With.Message.Contains("16 bytes"));
            Assert.That(() => Launch(new Matrix(buffer, 0, 2, 8, 9)), Throws.ArgumentException.With.Message.Contains("16 bytes"));
        });

        void Launch(Matrix logits) => Backend.TokenLossOfLogits(logits, 0, default, default, backward: true);
    }

    /// <summary>
    /// log p by the banner's bound; of a loss the same times w, and the error that w has from it, whatever the weighting. A gradient is rounded once
    /// to bf16 (2^-8 of it), with fp32 errors far below; the target's is 1 - p, so it has log p's absolute error too.
    /// </summary>
    private static void Check(TokenLossProblem problem, Result result, bool backward)
    {
        for (var row = 0; row < problem.Rows; row++)
        {
            var expected = problem.LogProbabilities[row];
            var bound = problem.LogProbabilityBound(row);
            if (double.IsNegativeInfinity(expected)) bound = 0;
            var error = expected == result.LogProbabilities[row] ? 0 : Math.Abs(result.LogProbabilities[row] - expected);
            Assert.That(error, Is.InRange(0, bound), $"log p of row {row}");
            var (loss, logProbability, probability, correct) = result.StatisticsOf(row);
            Assert.That(logProbability, Is.EqualTo(result.LogProbabilities[row]));
            Assert.That(probability, Is.EqualTo(Math.Exp(expected)).Within((bound + 1e-6) * Math.Exp(expected)), $"p of row {row}");
            Assert.That(correct, Is.EqualTo(problem.Correct[row]), $"correct in row {row}");
            var weight = problem.Weights[row];
            var weightBound = bound == 0 ? 0 : problem.WeightBound(row);
            Assert.That(
                loss, Is.EqualTo(problem.Losses[row]).Within((2e-6 * problem.Losses[row]) + (weightBound * -expected) + (weight * bound) + 1e-37),
                $"loss of row {row}");
            if (!backward) continue;

            var gradient = result.Gradient(row);
            for (var j = 0; j < problem.Vocabulary; j++)
            {
                var value = problem.Gradients[(row * problem.Vocabulary) + j];
                var tolerance = ((Math.ScaleB(1.01, -8) + (2 * bound) + (weight == 0 ? 0 : weightBound / weight)) * Math.Abs(value)) + 1e-37;
                if (j == problem.Targets[row]) tolerance += problem.Scale * weight * bound;
                if (!(Math.Abs(gradient[j] - value) <= tolerance)) Assert.Fail($"gradient[{row}, {j}] is {gradient[j]}, not {value}");
            }
        }
    }

    private Result Run(TokenLossProblem problem, bool backward, int stride = 0, double[]? logits = null)
    {
        logits ??= problem.Logits;
        var (rows, vocabulary) = (problem.Rows, problem.Vocabulary);
        if (stride == 0) stride = (vocabulary + 3) / 4 * 4;
        // A row before and one after the chunk, whose per-row operands are not the first ones either.
        const int start = 2;
        var words = new uint[(rows + 2) * stride];
        Array.Fill(words, Untouched);
        for (var i = 0; i < logits.Length; i++)
            words[(((i / vocabulary) + 1) * stride) + (i % vocabulary)] = BitConverter.SingleToUInt32Bits((float)logits[i]);
        using var memory = Backend.Allocate(DataType.Float32, words.Length, MemoryCategory.LossHead, "logits");
        Backend.Upload<uint>(words, memory.AsVector());
        using var targets = Upload([-1, -1, .. problem.Targets, -1]);
        using var staticWeights = Upload([double.NaN, double.NaN, .. problem.StaticWeights, double.NaN], DataType.Float32);
        using var isStatic = Upload([2, 2, .. problem.IsStatic, 2]);
        using var logProbabilities = AllocatePoisoned(DataType.Float32, start + rows + 1);
        using var statistics = AllocatePoisoned(DataType.Float32, (start + rows + 1) * 4);

        Backend.TokenLossOfLogits(
            new Matrix(memory, stride, rows, vocabulary, stride), start,
            new TokenLossArguments(
                default, default, targets.AsVector(), staticWeights.AsVector(), isStatic.AsVector(), logProbabilities.AsVector(), default,
                default, default, problem.Scale, problem.Weighting, ChunkRows: rows + 1),
            statistics.AsVector(), backward);

        var after = new uint[words.Length];
        Backend.Download(memory.AsVector(), after);
        // A row's gradients end where half of its logits did; behind that nothing changed.
        for (var i = 0; i < words.Length; i++)
        {
            var (row, column) = (i / stride, i % stride);
            if (backward && row >= 1 && row <= rows && column < (vocabulary + 1) / 2)
            {
                if (vocabulary % 2 == 1 && column == vocabulary / 2 && (after[i] ^ words[i]) >> 16 != 0) Assert.Fail($"half of word {i} changed");
                continue;
            }

            if (after[i] != words[i]) Assert.Fail($"word {column} of row {row} changed");
        }

        var allLogProbabilities = Download(logProbabilities.AsVector());
        var allStatistics = Download(statistics.AsVector());
        foreach (var row in (int[])[0, 1, start + rows])
        {
            Assert.That(allLogProbabilities[row], Is.NaN);
            Assert.That(allStatistics[(row * 4)..((row + 1) * 4)], Is.All.NaN);
        }

        return new Result(
            after[stride..^stride], stride, vocabulary, allLogProbabilities[start..^1], allStatistics[(start * 4)..^4]);
    }

    private sealed record Result(uint[] Words, int Stride, int Vocabulary, double[] LogProbabilities, double[] Statistics)
    {
        public double[] Gradient(int row) =>
            [.. Enumerable.Range(0, Vocabulary).Select(j => BFloat16Reference.FromBits((ushort)(Words[(row * Stride) + (j / 2)] >> (j % 2 * 16))))];

        public (double Loss, double LogProbability, double Probability, double Correct) StatisticsOf(int row) =>
            (Statistics[row * 4], Statistics[(row * 4) + 1], Statistics[(row * 4) + 2], Statistics[(row * 4) + 3]);
    }
}
