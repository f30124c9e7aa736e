using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/rotary_embedding.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class RotaryEmbeddingTests : CudaLayerFixture
{
    private const int TablePositions = 41;
    private const int TableGap = 4;

    /// <summary>One to three groups of four heads, whole and not; a block of 256 threads and several.</summary>
    [Test]
    public void AgreesWithFp64(
        [Values(8, 16, 24, 48, 64, 120, 128)] int headDimension,
        [Values(1, 4, 7, 12)] int heads,
        [Values(1, 37)] int tokens,
        [Values] bool inverse,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        Check(new Problem(tokens, heads, headDimension), inverse);
    }

    [Test]
    public void ManyRows() => Check(new Problem(700, 2, 64), inverse: false);

    [Test]
    public void EveryOrderGivesTheSameBits([Values(64, 40)] int headDimension)
    {
        var problem = new Problem(90, 5, headDimension);
        var natural = Run(problem, inverse: false);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            AssertSameBits(Run(problem, inverse: false), natural);
        }
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int tokens = 37, heads = 7, headDimension = 64, headGroups = 2;
        CudaEmulator.ResetCounters();
        Run(new Problem(tokens, heads, headDimension), inverse: false);

        var counted = CudaEmulator.CountersOf("rotary_embedding");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Threads, Is.EqualTo(2 * 256), "37 tokens, 2 groups of heads, 4 chunks of 8 pairs");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(tokens * heads * headDimension * 2));
            Assert.That(
                counted.BytesReadReused,
                Is.EqualTo((tokens * headGroups * headDimension * 4) + (tokens * headGroups * headDimension / 16 * 4)));
            Assert.That(counted.BytesWritten, Is.EqualTo(tokens * heads * headDimension * 2));
        });
    }

    [Test]
    public void ANarrowHeadMovesTheBytesThatItsBannerClaims()
    {
        const int tokens = 41, heads = 5, headDimension = 24;
        CudaEmulator.ResetCounters();
        Run(new Problem(tokens, heads, headDimension), inverse: false);

        var counted = CudaEmulator.CountersOf("rotary_embedding_narrow");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Threads, Is.EqualTo(3 * 256), "41 tokens, 5 heads, 3 chunks of 4 pairs");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(tokens * heads * headDimension * 2));
            Assert.That(counted.BytesReadReused, Is.EqualTo((tokens * heads * headDimension * 4) + (tokens * heads * headDimension / 8 * 4)));
            Assert.That(counted.BytesWritten, Is.EqualTo(tokens * heads * headDimension * 2));
        });
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var x = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var positions = Backend.Allocate(DataType.Int32, 0, MemoryCategory.Activations, "positions");
        using var table = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "table");
        Backend.RotaryEmbedding(new Matrix(x, 0, 0, 64, 64), positions.AsVector(), table.AsMatrix(1, 64), 64, inverse: false);
        Assert.That(Backend.Synchronize, Throws.Nothing);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 512, MemoryCategory.Activations, "x");
        using var positionBuffer = Backend.Allocate(DataType.Int32, 4, MemoryCategory.Activations, "positions");
        using var tableBuffer = Backend.Allocate(DataType.Float32, 512, MemoryCategory.Activations, "table");
        var (x, positions, table) = (buffer.AsMatrix(4, 128), positionBuffer.AsVector(), tableBuffer.AsMatrix(4, 64));
        Assert.Multiple(() =>
        {
            Rejects("head dimension 20", x, positions, tableBuffer.AsMatrix(4, 20), 20);
            Rejects("head dimension 0", x, positions, tableBuffer.AsMatrix(4, 0), 0);
            Rejects("not a multiple of the head dimension 48", x, positions, tableBuffer.AsMatrix(4, 48), 48);
            Rejects("positions has 3 elements and must have 4", x, positions.Slice(0, 3), table, 64);
            Rejects("cosSin is [4, 32] and must be [4, 64]", x, positions, tableBuffer.AsMatrix(4, 32), 64);
            Rejects("cosSin must begin", x, positions, new Matrix(tableBuffer, 2, 4, 64, 64), 64);
            Rejects("cosSin must begin", x, positions, new Matrix(tableBuffer, 0, 4, 64, 66), 64);
            Rejects("cosSin must be Float32", x, positions, x.SliceColumns(0, 64), 64);
            Rejects("positions must be Int32", x, tableBuffer.AsVector().Slice(0, 4), table, 64);
        });

        void Rejects(string message, Matrix x, Vector positions, Matrix table, int headDimension) => Assert.That(
            () => Backend.RotaryEmbedding(x, positions, table, headDimension, inverse: false),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var x = Backend.Allocate(DataType.BFloat16, 128, MemoryCategory.Activations, "x");
        using var positions = Backend.Allocate(DataType.Int32, 1, MemoryCategory.Activations, "positions");
        using var table = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "table");
        AssertAllocatesNothing(
            () => Backend.RotaryEmbedding(x.AsMatrix(1, 128), positions.AsVector(), table.AsMatrix(1, 64), 64, inverse: true));
    }

    /// <summary>The rows are a slice of columns of a wider matrix, as queries are of queries, keys and values.</summary>
    private double[] Run(Problem problem, bool inverse)
    {
        var (tokens, columns, size) = (problem.Tokens, problem.Heads * problem.HeadDimension, problem.HeadDimension);
        using var x = UploadRows(problem.X, columns, columns + 8);
        using var positions = Upload(problem.Positions);
        using var table = UploadRows(problem.Table, size, size + TableGap, DataType.Float32);
        Backend.RotaryEmbedding(
            new Matrix(x, 0, tokens, columns, columns + 8), positions.AsVector(),
            new Matrix(table, 0, TablePositions, size, size + TableGap), size, inverse);
        return DownloadRows(x, columns, columns + 8);
    }

    /// <summary>Two roundings of fp32, of the products' magnitude, then one to bf16.</summary>
    private void Check(Problem problem, bool inverse)
    {
        var actual = Run(problem, inverse);
        var (size, half) = (problem.HeadDimension, problem.HeadDimension / 2);
        var (expected, errors) = (new double[actual.Length], new double[actual.Length]);
        for (var item = 0; item < problem.Tokens * problem.Heads; item++)
        {
            var row = problem.Positions[item / problem.Heads] * size;
            for (var c = 0; c < half; c++)
            {
                var (cosine, sine) = (problem.Table[row + c], problem.Table[row + half + c] * (inverse ? -1 : 1));
                var (first, second) = ((item * size) + c, (item * size) + half + c);
                var (a, b) = (problem.X[first], problem.X[second]);
                expected[first] = (a * cosine) - (b * sine);
                expected[second] = (b * cosine) + (a * sine);
                errors[first] = Math.ScaleB(Math.Abs(a * cosine) + Math.Abs(b * sine), -23);
                errors[second] = Math.ScaleB(Math.Abs(b * cosine) + Math.Abs(a * sine), -23);
            }
        }

        AssertRounded(actual, expected, errors);
    }

    /// <summary>Random rows at random positions, some of them the same.</summary>
    private sealed class Problem
    {
        public Problem(int tokens, int heads, int headDimension)
        {
            (Tokens, Heads, HeadDimension) = (tokens, heads, headDimension);
            var seed = (tokens * 1009) + (heads * 107) + headDimension;
            X = Normal(seed, tokens * heads * headDimension, 3);
            var random = new Random(seed);
            Positions = [.. Enumerable.Range(0, tokens).Select(t => t == 0 ? TablePositions - 1 : random.Next(TablePositions))];
            Table = new double[TablePositions * headDimension];
            for (var position = 0; position < TablePositions; position++)
            {
                for (var c = 0; c < headDimension / 2; c++)
                {
                    var (sine, cosine) = Math.SinCos((position + 1) * Math.Pow(10000, -2.0 * c / headDimension));
                    Table[(position * headDimension) + c] = (float)cosine;
                    Table[(position * headDimension) + (headDimension / 2) + c] = (float)sine;
                }
            }
        }

        public int Tokens { get; }

        public int Heads { get; }

        public int HeadDimension { get; }

        public double[] X { get; }

        public int[] Positions { get; }

        public double[] Table { get; }
    }
}
