using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/residual_rmsnorm.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class ResidualRmsNormTests : CudaBackendFixture
{
    private const string Kernel = "residual_rmsnorm_forward";
    private const float Epsilon = 1e-6f;
    private const ushort Untouched = 0x4242;

    [Test]
    public void ForwardAgreesWithFp64(
        [Values(8, 64, 200, 896, 1024, 1032, 3584, 8192, 10240, 16384)] int hidden,
        [Values(1, 5)] int tokens,
        [Values] bool hasResidual,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new Problem(tokens, hidden, hasResidual);
        problem.Check(problem.Run(this, Aliasing.None));
    }

    [Test]
    public void ManyRows() => ForwardAgreesWithFp64(hidden: 64, tokens: 1000, hasResidual: true, order: 3);

    [Test]
    public void SumMayAliasAnInput([Values(Aliasing.X, Aliasing.Residual)] Aliasing aliasing)
    {
        var problem = new Problem(7, 896, hasResidual: true);
        problem.Check(problem.Run(this, aliasing));
    }

    [Test]
    public void RowsMayBeFurtherApartThanWide()
    {
        const int tokens = 3, hidden = 64;
        var problem = new Problem(tokens, hidden, hasResidual: true);
        // Each operand has a stride of its own, so that none can stand in for another.
        using var x = UploadStrided(problem.X, hidden, 72);
        using var residual = UploadStrided(problem.Residual!, hidden, 80);
        using var sum = UploadStrided(new double[tokens * hidden], hidden, 88);
        using var output = UploadStrided(new double[tokens * hidden], hidden, 96);
        using var weight = Upload(problem.Weight);
        using var rstd = Backend.Allocate(DataType.Float32, tokens, MemoryCategory.Activations, "rstd");

        Backend.ResidualRmsNormForward(View(x), View(residual), weight.AsVector(), View(sum), View(output), rstd.AsVector(), Epsilon);

        var rstdValues = new float[tokens];
        Backend.Download(rstd.AsVector(), rstdValues);
        problem.Check(new Result(Rows(sum), Rows(output), rstdValues));

        static int Stride(DeviceBuffer buffer) => (int)buffer.Length / tokens;
        static Matrix View(DeviceBuffer buffer) => new(buffer, 0, tokens, hidden, Stride(buffer));
        ushort[] Rows(DeviceBuffer buffer)
        {
            var all = new ushort[buffer.Length];
            Backend.Download(buffer.AsVector(), all);
            Assert.That(all.Chunk(Stride(buffer)).SelectMany(row => row[hidden..]), Is.All.EqualTo(Untouched), "between the rows");
            return [.. all.Chunk(Stride(buffer)).SelectMany(row => row[..hidden])];
        }
    }

    [Test]
    public void EpsilonCountsBesideTheMeanSquare()
    {
        var problem = new Problem(3, 896, hasResidual: true, epsilon: 2.5f);
        problem.Check(problem.Run(this, Aliasing.None));
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims([Values] bool hasResidual)
    {
        const int tokens = 6, hidden = 1032;
        CudaEmulator.ResetCounters();
        new Problem(tokens, hidden, hasResidual).Run(this, Aliasing.None);

        var counted = CudaEmulator.CountersOf(Kernel);
        var streams = hasResidual ? 2 : 1;
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Blocks, Is.EqualTo(tokens));
            Assert.That(counted.Threads, Is.EqualTo(tokens * 96), "129 packets, two a thread: 65 threads, 3 warps");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(tokens * hidden * 2 * streams));
            Assert.That(counted.BytesReadReused, Is.EqualTo(tokens * hidden * 2));
            Assert.That(counted.BytesWritten, Is.EqualTo(tokens * ((hidden * 2 * streams) + 4)));
            Assert.That(counted.BlockBarriers, Is.EqualTo(tokens));
        });
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new Problem(4, 3584, hasResidual: true);
        var natural = problem.Run(this, Aliasing.None);
        for (ulong seed = 1; seed <= 4; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var shuffled = problem.Run(this, Aliasing.None);
            Assert.That(shuffled.Output, Is.EqualTo(natural.Output));
            Assert.That(shuffled.Rstd, Is.EqualTo(natural.Rstd));
        }
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var rstd = Backend.Allocate(DataType.Float32, 0, MemoryCategory.Activations, "rstd");
        var empty = new Matrix(buffer, 0, 0, 64, 64);
        Assert.That(
            () => Backend.ResidualRmsNormForward(empty, default, buffer.AsVector(), default, empty, rstd.AsVector(), Epsilon),
            Throws.Nothing);
        Backend.Synchronize();
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var rstd = Backend.Allocate(DataType.Float32, 2, MemoryCategory.Activations, "rstd");
        var x = buffer.AsMatrix(2, 64);
        var weight = buffer.AsVector().Slice(0, 64);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => Backend.ResidualRmsNormForward(x, default, weight.Slice(0, 32), default, x, rstd.AsVector(), Epsilon),
                Throws.ArgumentException.With.Message.Contains("weight has 32 elements and must have 64"));
            Assert.That(
                () => Backend.ResidualRmsNormForward(x, default, weight, default, buffer.AsMatrix(1, 64), rstd.AsVector(), Epsilon),
                Throws.ArgumentException.With.Message.Contains("output is [1, 64] and must be [2, 64]"));
            Assert.That(
                () => Backend.ResidualRmsNormForward(
                    new Matrix(buffer, 4, 2, 64, 64), default, weight, default, x, rstd.AsVector(), Epsilon),
                Throws.ArgumentException.With.Message.Contains("x must begin"));
            Assert.That(
                () => Backend.ResidualRmsNormForward(buffer.AsMatrix(2, 12), default, weight, default, x, rstd.AsVector(), Epsilon),
                Throws.ArgumentException.With.Message.Contains("hidden size 12"));
        });
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        const int rows = 2, hidden = 64;
        using var buffer = Backend.Allocate(DataType.BFloat16, rows * hidden, MemoryCategory.Activations, "x");
        using var rstd = Backend.Allocate(DataType.Float32, rows, MemoryCategory.Activations, "rstd");
        Launch();
        Backend.Synchronize();
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 100; i++) Launch();
            Backend.Synchronize();
        });

        void Launch() => Backend.ResidualRmsNormForward(
            buffer.AsMatrix(rows, hidden), buffer.AsMatrix(rows, hidden), buffer.AsVector().Slice(0, hidden),
            buffer.AsMatrix(rows, hidden), buffer.AsMatrix(rows, hidden), rstd.AsVector(), Epsilon);
    }

    private DeviceBuffer UploadStrided(double[] values, int columns, int stride)
    {
        var padding = Enumerable.Repeat(Untouched, stride - columns).ToArray();
        ushort[] rows = [.. values.Select(BFloat16Reference.ToBits).Chunk(columns).SelectMany(row => row.Concat(padding))];
        var buffer = Backend.Allocate(DataType.BFloat16, rows.Length, MemoryCategory.Activations, "operand");
        Backend.Upload<ushort>(rows, buffer.AsVector());
        return buffer;
    }

    public enum Aliasing
    {
        None,
        X,
        Residual,
    }

    private sealed record Result(ushort[] Sum, ushort[] Output, float[] Rstd);

    /// <summary>Random operands and what fp64 makes of them.</summary>
    private sealed class Problem
    {
        private readonly int tokens;
        private readonly int hidden;
        private readonly float epsilon;

        public Problem(int tokens, int hidden, bool hasResidual, float epsilon = Epsilon)
        {
            this.epsilon = epsilon;
            this.tokens = tokens;
            this.hidden = hidden;
            var random = new Random((tokens * 100003) + hidden);
            X = Normal(tokens * hidden, 1);
            Residual = hasResidual ? Normal(tokens * hidden, 3) : null;
            Weight = Normal(hidden, 1);

            double[] Normal(int count, double scale) =>
                [.. Enumerable.Range(0, count).Select(_ => BFloat16Reference.Round(scale * BoxMuller()))];

            double BoxMuller() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        public double[] X { get; }

        public double[]? Residual { get; }

        public double[] Weight { get; }

        public Result Run(ResidualRmsNormTests test, Aliasing aliasing)
        {
            using var x = test.Upload(X);
            using var residual = Residual is null ? null : test.Upload(Residual);
            using var weight = test.Upload(Weight);
            using var separateSum = test.AllocatePoisoned(DataType.BFloat16, X.Length);
            using var output = test.AllocatePoisoned(DataType.BFloat16, X.Length);
            using var rstd = test.AllocatePoisoned(DataType.Float32, tokens);
            var sum = aliasing switch
            {
                Aliasing.X => x,
                Aliasing.Residual => residual!,
                _ => separateSum,
            };

            test.Backend.ResidualRmsNormForward(
                x.AsMatrix(tokens, hidden), residual?.AsMatrix(tokens, hidden) ?? default, weight.AsVector(),
                residual is null ? default : sum.AsMatrix(tokens, hidden), output.AsMatrix(tokens, hidden), rstd.AsVector(), epsilon);

            var sumBits = new ushort[X.Length];
            var outputBits = new ushort[X.Length];
            var rstdValues = new float[tokens];
            test.Backend.Download(residual is null ? x.AsVector() : sum.AsVector(), sumBits);
            test.Backend.Download(output.AsVector(), outputBits);
            test.Backend.Download(rstd.AsVector(), rstdValues);
            return new Result(sumBits, outputBits, rstdValues);
        }

        /// <summary>
        /// The sum is exact: fp32 has 24 bits, more than 2 · 8 + 1, so rounding the addition to fp32 first changes nothing
        /// (Figueroa 1995). rstd is fp32: some hundred additions of rounding error 2^-24 each, far below 1e-5. An output
        /// may differ by one bf16 step where rstd's error tips one of the two roundings, so 2^-7 + 2^-8 relative; rarely,
        /// so nearly all are equal.
        /// </summary>
        public void Check(Result result)
        {
            var equal = 0;
            for (var t = 0; t < tokens; t++)
            {
                var sums = new double[hidden];
                var squares = 0.0;
                for (var c = 0; c < hidden; c++)
                {
                    var i = (t * hidden) + c;
                    sums[c] = Residual is null ? X[i] : BFloat16Reference.Round(X[i] + Residual[i]);
                    squares += sums[c] * sums[c];
                    if (BFloat16Reference.FromBits(result.Sum[i]) != sums[c]) Assert.Fail($"sum[{t}, {c}]");
                }

                var rstd = 1 / Math.Sqrt((squares / hidden) + epsilon);
                Assert.That(Math.Abs(result.Rstd[t] - rstd) / rstd, Is.InRange(0, 1e-5), $"rstd[{t}]");
                for (var c = 0; c < hidden; c++)
                {
                    var expected = BFloat16Reference.Round(BFloat16Reference.Round(sums[c] * rstd) * Weight[c]);
                    var actual = BFloat16Reference.FromBits(result.Output[(t * hidden) + c]);
                    if (actual == expected)
                        equal++;
                    else if (!(Math.Abs(actual - expected) <= 0.012 * Math.Abs(expected)))
                        Assert.Fail($"output[{t}, {c}] is {actual}, not {expected}");
                }
            }

            Assert.That(equal, Is.GreaterThanOrEqualTo(0.99 * tokens * hidden), "outputs equal to the last bit");
        }
    }
}
