using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/sample_token.cu through the bindings: to the bit what the CPU's sampler draws, whose own tests hold it to the definitions.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class SampleTokenTests : CudaBackendFixture
{
    private const string Kernel = "sample_token";

    private static readonly TokenSampling[] Ways =
    [
        new(),
        new() { Temperature = 0 },
        new() { Temperature = 0, RepetitionPenalty = 1.7, KeepsLogProbabilities = true },
        new() { KeepsLogProbabilities = true },
        new() { Temperature = 0.6, KeepsLogProbabilities = true },
        new() { Temperature = 1e-300 },
        new() { Temperature = 1e300, KeepsLogProbabilities = true },
        new() { TopK = 1 },
        new() { TopK = 40, KeepsLogProbabilities = true },
        new() { TopK = 100_000 },
        new() { TopP = 0.95, KeepsLogProbabilities = true },
        new() { TopP = 0.5, Temperature = 1.3 },
        new() { TopP = 1e-12 },
        new() { TopP = 1 - 1e-12, RepetitionPenalty = 1.2 },
        new() { MinP = 0.05 },
        new() { MinP = 1, KeepsLogProbabilities = true },
        new() { TopK = 40, TopP = 0.9, MinP = 0.01, Temperature = 0.8, RepetitionPenalty = 1.1, KeepsLogProbabilities = true },
        new() { TopK = 7, TopP = 0.6, RepetitionPenalty = 0.8 },
    ];

    private readonly CpuBackend cpu = new(1);

    [OneTimeTearDown]
    public void CloseCpu() => cpu.Dispose();

    /// <summary>Vocabularies on both sides of a packet, of a warp's sweep and of the block's; of several turns of the block.</summary>
    [Test]
    public void EveryWayDrawsTheCpusTokens([Range(0, 17)] int way)
    {
        foreach (var vocabulary in (int[])[1, 3, 5, 127, 129, 4099])
        {
            var logits = Logits(2, vocabulary, vocabulary % 4 == 3 ? 0.01 : 3);
            Assert.That(Draw(Backend, logits, vocabulary, Ways[way]), Is.EqualTo(Draw(cpu, logits, vocabulary, Ways[way])), $"vocabulary {vocabulary}");
        }
    }

    [Test]
    public void SeveralTurnsOfTheBlock([Values(3, 10, 16)] int way)
    {
        const int vocabulary = 20_011;
        var logits = Logits(1, vocabulary, 3);
        Assert.That(Draw(Backend, logits, vocabulary, Ways[way]), Is.EqualTo(Draw(cpu, logits, vocabulary, Ways[way])));
    }

    /// <summary>Thousands of weights nearly alike share the selection's bins, whose lower words overflow again and again.</summary>
    [Test]
    public void MassesAreAddedWithTheirCarries()
    {
        const int vocabulary = 20_011;
        var logits = Logits(4, vocabulary, 0.01);
        Assert.That(Draw(Backend, logits, vocabulary, Ways[11]), Is.EqualTo(Draw(cpu, logits, vocabulary, Ways[11])));
    }

    [Test]
    public void EveryOrderOfThreadsGivesTheSame([Values(2, 3, 16, 17)] int way, [Values(1ul, 2ul)] ulong order)
    {
        const int vocabulary = 1003;
        var logits = Logits(2, vocabulary, 2);
        var expected = Draw(cpu, logits, vocabulary, Ways[way]);
        CudaEmulator.SetOrder(order);
        Assert.That(Draw(Backend, logits, vocabulary, Ways[way]), Is.EqualTo(expected));
    }

    /// <summary>Segments of two sweeps begin at 131,073 logits; Qwen2.5's vocabulary.</summary>
    [Test]
    public void ALargeVocabulary()
    {
        const int vocabulary = 151_936;
        var logits = Logits(1, vocabulary, 3);
        Assert.That(Draw(Backend, logits, vocabulary, Ways[10]), Is.EqualTo(Draw(cpu, logits, vocabulary, Ways[10])));
    }

    /// <summary>Equal logits have equal weights: borders of the filters fall among them. And −∞, zeros of both signs, one logit above all.</summary>
    [Test]
    public void EqualAndExtremeLogits([Range(0, 17)] int way)
    {
        const int vocabulary = 9;
        double[] logits =
        [
            2, 2, 2, 2, 2, 2, 2, 2, 2,
            1, 3, 1, 3, 1, 3, 1, 3, 2,
            double.NegativeInfinity, 0, -0.0, double.NegativeInfinity, 0, -0.0, 0, double.NegativeInfinity, 0,
            -0.0, 0, -0.0, 0, -0.0, 0, -0.0, -0.0, -0.0,
            3e38, -3e38, 0, 1, 2, 3, 4, 5, 6,
            -3e37, -3e37, -2e37, -3e37, -3e37, -3e37, -3e37, -3e37, -3e37,
            double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, 1, double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity,
        ];
        Assert.That(Draw(Backend, logits, vocabulary, Ways[way]), Is.EqualTo(Draw(cpu, logits, vocabulary, Ways[way])));
    }

    /// <summary>Every token is drawn at both ends of its share: the borders are the same whole numbers.</summary>
    [Test]
    public void ADrawAtTheVeryBorderOfATokensShare()
    {
        const int vocabulary = 6;
        float[] logits = [0.5f, -1, 2, 0, 1.25f, -3];
        var weights = logits.Select(logit => TokenWeight.Units(TokenWeight.Of(
            System.Runtime.Intrinsics.Vector512.Create(logit), System.Runtime.Intrinsics.Vector512.Create(2f), System.Runtime.Intrinsics.Vector512<float>.One)[0])).ToArray();
        var (total, sum) = (weights.Aggregate((x, y) => x + y), 0UL);
        var bits = new List<ulong>();
        foreach (var weight in weights)
        {
            // The least random bits whose place is at `sum`, and those before it.
            var first = (ulong)(((UInt128)sum << 64) / total) + (sum == 0 ? 0UL : 1);
            if (sum > 0) bits.Add(first - 1);
            bits.Add(first);
            sum += weight;
        }

        double[] rows = [.. bits.SelectMany(_ => logits.Select(logit => (double)logit))];
        var drawn = Draw(Backend, rows, vocabulary, new TokenSampling(), [.. bits]);
        Assert.That(drawn.Select(token => token.Token), Is.EqualTo((int[])[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]));
        Assert.That(Draw(cpu, rows, vocabulary, new TokenSampling(), [.. bits]), Is.EqualTo(drawn));
    }

    /// <summary>Frequencies of many draws against fp64: five standard errors.</summary>
    [Test]
    public void FrequenciesAreThoseOfTheSoftmax()
    {
        const int vocabulary = 5, draws = 300;
        double[] logits = [0, 1, -1, 2, double.NegativeInfinity];
        double[] rows = [.. Enumerable.Range(0, draws).SelectMany(_ => logits)];
        var drawn = Draw(Backend, rows, vocabulary, new TokenSampling { Temperature = 0.7, KeepsLogProbabilities = true });
        var (weights, raw) = (logits.Select(logit => Math.Exp(logit / 0.7)).ToArray(), logits.Sum(Math.Exp));
        for (var token = 0; token < vocabulary; token++)
        {
            var expected = weights[token] / weights.Sum();
            var count = drawn.Count(draw => draw.Token == token);
            Assert.That(count / (double)draws, Is.EqualTo(expected).Within(5 * Math.Sqrt(expected * (1 - expected) / draws)));
        }

        // log p is of the logits without temperature; its sum has fp32 weights.
        Assert.That(drawn, Is.All.Matches<DrawnToken>(draw => Math.Abs(draw.LogProbability - (logits[draw.Token] - Math.Log(raw))) < 1e-6));
    }

    [Test]
    public void WhatIsNotFiniteIsAnErrorAndNotASilentToken(
        [Values(double.NaN, double.PositiveInfinity)] double value, [Values(0, 4, 8)] int column, [Values(0, 1, 16)] int way)
    {
        var logits = Logits(3, 9, 1);
        logits[9 + column] = value;
        Assert.That(() => Draw(Backend, logits, 9, Ways[way]), Throws.TypeOf<DftNativeException>().With.Message.Contains("not finite"));
        Array.Fill(logits, double.NegativeInfinity, 9, 9);
        Assert.That(() => Draw(Backend, logits, 9, Ways[way]), Throws.TypeOf<DftNativeException>().With.Message.Contains("not finite"));
    }

    [Test]
    public void ARowsTokenDoesNotDependOnTheRowsBesideIt([Values(0, 3, 16)] int way)
    {
        const int rows = 4, vocabulary = 101;
        var logits = Logits(rows, vocabulary, 2);
        ulong[] bits = [.. Enumerable.Range(0, rows).Select(row => CounterRandom.Bits(5, (ulong)row))];
        var together = Draw(Backend, logits, vocabulary, Ways[way], bits);
        for (var row = 0; row < rows; row++)
        {
            var alone = Draw(Backend, logits[(row * vocabulary)..((row + 1) * vocabulary)], vocabulary, Ways[way], [bits[row]], firstRow: row);
            Assert.That(alone[0], Is.EqualTo(together[row]), $"row {row}");
        }
    }

    [Test]
    public void ALaunchAllocatesNothingAndOperandsAreChecked([Values] bool isCpu)
    {
        IBackend backend = isCpu ? cpu : Backend;
        using var large = backend.Allocate(DataType.Float32, 1 << 20, MemoryCategory.Workspace, "logits");
        using var integers = backend.Allocate(DataType.Int32, 16, MemoryCategory.Workspace, "numbers");
        using var buffer = backend.Allocate(DataType.Float32, 64, MemoryCategory.Workspace, "logits");
        var logits = new Matrix(buffer, 0, 2, 8, 8);
        var rows = new SamplingRow[] { new(1, 0, 2), new(2, 2, 0) };
        var (earlier, drawn) = ((int[])[3, 5], new DrawnToken[2]);
        backend.Upload<float>(new float[64], buffer.AsVector());
        backend.SampleTokens(logits, Ways[16], rows, earlier, drawn);
        ManagedAllocation.AssertNone(() => backend.SampleTokens(logits, Ways[16], rows, earlier, drawn));
        Assert.Multiple(() =>
        {
            Refuses(new Matrix(buffer, 2, 2, 8, 8), Ways[0], earlier, 2, "16 bytes");
            Refuses(new Matrix(buffer, 0, 2, 8, 9), Ways[0], earlier, 2, "16 bytes");
            Refuses(new Matrix(integers, 0, 2, 8, 8), Ways[0], earlier, 2, "Float32");
            Refuses(new Matrix(buffer, 0, 2, 0, 8), Ways[0], earlier, 2, "logits");
            Refuses(new Matrix(large, 0, 1, 1 << 20, 1 << 20), Ways[0], earlier, 2, "rows", "more rows than logits have");
            Refuses(logits, Ways[0], earlier, 1, "drawn");
            Refuses(logits, Ways[16], [3], 2, "earlier tokens");
            Refuses(logits, Ways[16], [3, 8], 2, "earlier tokens");
            Refuses(logits, Ways[16], [-1, 3], 2, "earlier tokens");
            Refuses(logits, new TokenSampling { Temperature = double.NaN }, earlier, 2, "temperature");
            Refuses(logits, new TokenSampling { TopP = 0 }, earlier, 2, "top_p");
            Refuses(logits, new TokenSampling { TopK = -1 }, earlier, 2, "top_k");
            Refuses(logits, new TokenSampling { MinP = 2 }, earlier, 2, "min_p");
            Refuses(logits, new TokenSampling { RepetitionPenalty = 0 }, earlier, 2, "repetition_penalty");
            Assert.That(
                () => backend.SampleTokens(new Matrix(large, 0, 1, 1 << 20, 1 << 20), Ways[0], rows.AsSpan(0, 1), earlier, drawn),
                Throws.InstanceOf<ArgumentException>(), "so many weights of 2^44 units overflow their sum");
            Assert.That(() => backend.SampleTokens(new Matrix(buffer, 0, 0, 8, 8), Ways[0], [], [], []), Throws.Nothing);
        });

        void Refuses(Matrix operand, TokenSampling options, int[] tokens, int drawnCount, string message, string? why = null) => Assert.That(
            () => backend.SampleTokens(operand, options, rows, tokens, new DrawnToken[drawnCount]), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message), why);
    }

    /// <summary>Logits with a row's worth of guards on both sides and the results' memory poisoned before.</summary>
    private static DrawnToken[] Draw(IBackend backend, double[] logits, int vocabulary, TokenSampling options, ulong[]? bits = null, int firstRow = 0)
    {
        var (rows, stride) = (logits.Length / vocabulary, (vocabulary + 7) / 4 * 4);
        var padded = new float[(rows + 2) * stride];
        Array.Fill(padded, float.NaN);
        for (var row = 0; row < rows; row++)
            for (var token = 0; token < vocabulary; token++) padded[((row + 1) * stride) + token] = (float)logits[(row * vocabulary) + token];
        using var memory = backend.Allocate(DataType.Float32, padded.Length, MemoryCategory.Workspace, "logits");
        backend.Upload<float>(padded, memory.AsVector());

        // Every third token of a row's own thirds is an earlier one.
        var (parameters, earlier) = (new SamplingRow[rows], new List<int>());
        for (var row = 0; row < rows; row++)
        {
            var start = earlier.Count;
            for (var token = (firstRow + row) % 3; token < vocabulary && options.RepetitionPenalty != 1; token += 3) earlier.Add(token);
            parameters[row] = new SamplingRow(bits is null ? CounterRandom.Bits(1, (ulong)row) : bits[row], start, earlier.Count - start);
        }

        var view = new Matrix(memory, stride, rows, vocabulary, stride);
        if (backend is CudaBackend cuda)
        {
            var draws = cuda.LaunchSampling(view, options, parameters, [.. earlier]);
            var poison = new int[draws.Length];
            Array.Fill(poison, -1);
            cuda.Upload<int>(poison, draws);
        }

        var drawn = new DrawnToken[rows];
        backend.SampleTokens(view, options, parameters, [.. earlier], drawn);
        var after = new float[padded.Length];
        backend.Download(memory.AsVector(), after.AsSpan());
        Assert.That(after, Is.EqualTo(padded));
        return drawn;
    }

    private static double[] Logits(int rows, int vocabulary, double spread) => [.. Normal(vocabulary, rows * vocabulary, spread)];
}
