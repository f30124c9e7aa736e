using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/embedding_backward.cu, and the embedding's forward, through the bindings.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class EmbeddingTests : CudaLayerFixture
{
    private const int Vocabulary = 23;

    [Test]
    public void ForwardTakesRowsOfTheTable()
    {
        const int hidden = 72;
        int[] tokens = [4, 0, 22, 4, 7];
        var values = Normal(1, Vocabulary * hidden);
        using var table = Upload(values);
        using var indices = Upload(tokens);
        using var output = PoisonedRows(tokens.Length, hidden + 8);
        Backend.EmbeddingForward(indices.AsVector(), table.AsMatrix(Vocabulary, hidden), new Matrix(output, 0, tokens.Length, hidden, hidden + 8));
        Assert.That(
            DownloadRows(output, hidden, hidden + 8),
            Is.EqualTo(tokens.SelectMany(token => values[(token * hidden)..((token + 1) * hidden)])));
    }

    /// <summary>
    /// Tokens with no row, one, fewer and more than the four rows in flight; one block of 1024 channels and a tail. The
    /// sum is the fp32 one in ascending order from the value before, to the last bit.
    /// </summary>
    [Test]
    public void BackwardAddsEachTokensRowsInOrder([Values(8, 72, 1024, 1032, 2080)] int hidden, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new Problem(hidden);
        Assert.That(Run(problem), Is.EqualTo(problem.Expected()));
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int hidden = 1032;
        var problem = new Problem(hidden);
        CudaEmulator.ResetCounters();
        Run(problem);
        var (distinct, rows) = (problem.Tokens.Length, problem.Rows.Length);
        var counted = CudaEmulator.CountersOf("embedding_backward");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Threads, Is.EqualTo(distinct * 2 * 128), "129 packets of channels, 128 a block");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo((rows * hidden * 2) + (distinct * hidden * 4)));
            Assert.That(counted.BytesReadReused, Is.EqualTo((distinct * hidden / 8 * 12) + (rows * hidden / 8 * 4)));
            Assert.That(counted.BytesWritten, Is.EqualTo(distinct * hidden * 4));
        });
    }

    [Test]
    public void NoTokensIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var table = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "table");
        using var indices = Backend.Allocate(DataType.Int32, 1, MemoryCategory.Activations, "indices");
        var none = indices.AsVector().Slice(0, 0);
        Backend.EmbeddingBackward(none, indices.AsVector(), none, new Matrix(buffer, 0, 0, 64, 64), table.AsMatrix(1, 64));
        Assert.That(Download(table.AsVector()), Is.All.Zero);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var tableBuffer = Backend.Allocate(DataType.Float32, 256, MemoryCategory.Activations, "table");
        using var indices = Backend.Allocate(DataType.Int32, 4, MemoryCategory.Activations, "indices");
        var (x, table) = (buffer.AsMatrix(2, 64), tableBuffer.AsMatrix(2, 64));
        var (tokens, starts, rows) = (indices.AsVector().Slice(0, 2), indices.AsVector().Slice(0, 3), indices.AsVector().Slice(0, 2));
        Assert.Multiple(() =>
        {
            Rejects("rowStarts has 2 elements and must have 3", tokens, rows, x, table);
            Rejects("tableGradient is [2, 32] and must be [2, 64]", tokens, starts, x, tableBuffer.AsMatrix(2, 32));
            Rejects("outputGradient has 12 columns", tokens, starts, new Matrix(buffer, 0, 2, 12, 16), table);
            Rejects("tableGradient must begin", tokens, starts, x, new Matrix(tableBuffer, 2, 2, 64, 64));
            Assert.That(
                () => Backend.EmbeddingForward(tokens, x, buffer.AsMatrix(2, 32)),
                Throws.ArgumentException.With.Message.Contains("output is [2, 32] and must be [2, 64]"));
        });

        void Rejects(string message, Vector tokens, Vector starts, Matrix outputGradient, Matrix table) => Assert.That(
            () => Backend.EmbeddingBackward(tokens, starts, rows, outputGradient, table),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var table = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "table");
        using var indices = Upload([0, 1]);
        AssertAllocatesNothing(() => Backend.EmbeddingBackward(
            indices.AsVector().Slice(0, 1), indices.AsVector(), indices.AsVector().Slice(0, 1), buffer.AsMatrix(1, 64),
            table.AsMatrix(1, 64)));
    }

    private double[] Run(Problem problem)
    {
        var hidden = problem.Hidden;
        using var tokens = Upload(problem.Tokens);
        using var starts = Upload(problem.Starts);
        using var rows = Upload(problem.Rows);
        using var outputGradient = UploadRows(problem.OutputGradient, hidden, hidden + 8);
        using var table = UploadRows(problem.Before, hidden, hidden + 4, DataType.Float32);
        Backend.EmbeddingBackward(
            tokens.AsVector(), starts.AsVector(), rows.AsVector(), new Matrix(outputGradient, 0, problem.Rows.Length, hidden, hidden + 8),
            new Matrix(table, 0, Vocabulary, hidden, hidden + 4));
        return DownloadRows(table, hidden, hidden + 4);
    }

    private sealed class Problem
    {
        public Problem(int hidden)
        {
            Hidden = hidden;
            int[] counts = [1, 0, 2, 3, 4, 5, 13];
            Tokens = [0, 3, 4, 9, 10, 15, Vocabulary - 1];
            Starts = [.. Enumerable.Range(0, counts.Length + 1).Select(d => counts[..d].Sum())];
            var random = new Random(hidden);
            int[] shuffled = [.. Enumerable.Range(0, Starts[^1]).OrderBy(_ => random.Next())];
            Rows = [.. Enumerable.Range(0, counts.Length).SelectMany(d => shuffled[Starts[d]..Starts[d + 1]].Order())];
            OutputGradient = [.. Normal(hidden, Rows.Length * hidden).Select((value, i) => BFloat16Reference.Round(value * Math.ScaleB(1, i % 23)))];
            Before = Normal(hidden + 1, Vocabulary * hidden);
        }

        public int Hidden { get; }

        public int[] Tokens { get; }

        public int[] Starts { get; }

        public int[] Rows { get; }

        public double[] OutputGradient { get; }

        public double[] Before { get; }

        public double[] Expected()
        {
            float[] sums = [.. Before.Select(value => (float)value)];
            for (var d = 0; d < Tokens.Length; d++)
            {
                foreach (var row in Rows[Starts[d]..Starts[d + 1]])
                {
                    for (var c = 0; c < Hidden; c++) sums[(Tokens[d] * Hidden) + c] += (float)OutputGradient[(row * Hidden) + c];
                }
            }

            return [.. sums.Select(value => (double)value)];
        }
    }
}
