using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/attention_forward.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AttentionForwardTests : CudaBackendFixture
{
    private const string Kernel = "attention_forward";
    private const int Warps = 4;

    [Test]
    public void DocumentsAgreeWithFp64(
        [Values(16, 64, 80, 128)] int headDimension,
        [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        // One row; a warp's rows and one more; a tile of keys and one more; two tiles of queries and some.
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2, 1, headDimension), AttentionProblem.Documents(1, 33, 65, 2, 300));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void HeadsOfAGroupShareKeysAndValues([Values(1, 2, 4, 7, 8)] int group)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2 * group, 2, 24), AttentionProblem.Documents(70, 5));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void LengthsAroundTheTiles([Values(31, 32, 63, 64, 96, 127, 128, 129, 192, 193)] int length)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(1, 1, 64), AttentionProblem.Documents(length, 3));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void QueriesSeeAllKeysOfACache([Values(1, 2, 40, 130)] int queries, [Values(0, 1, 62, 63, 64, 200)] int earlierKeys)
    {
        // The second sequence's rows of the cache lie before the first's, with unused rows between.
        var problem = new AttentionProblem(
            AttentionProblem.ShapeOf(4, 2, 16),
            new AttentionRange(3, queries, 90, earlierKeys + queries),
            new AttentionRange(0, 2, 7, 77));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void OperandsMayBeColumnsOfOneMatrix()
    {
        const int tokens = 40, headDimension = 32, heads = 4, keyValueHeads = 2, width = (heads + (2 * keyValueHeads)) * headDimension;
        var shape = AttentionProblem.ShapeOf(heads, keyValueHeads, headDimension);
        var values = Normal(5, tokens * width);
        using var fused = Upload(values);
        using var output = AllocatePoisoned(DataType.BFloat16, tokens * heads * headDimension);
        using var logSumExp = AllocatePoisoned(DataType.Float32, heads * tokens);
        AttentionRange[] ranges = [new(0, tokens, 0, tokens)];
        var matrix = fused.AsMatrix(tokens, width);
        Backend.AttentionForward(
            matrix.SliceColumns(0, heads * headDimension),
            matrix.SliceColumns(heads * headDimension, keyValueHeads * headDimension),
            matrix.SliceColumns((heads + keyValueHeads) * headDimension, keyValueHeads * headDimension),
            output.AsMatrix(tokens, heads * headDimension), logSumExp.AsMatrix(heads, tokens), new AttentionRanges(default, ranges), shape);

        var reference = new AttentionReference(
            Columns(0, heads), Columns(heads, keyValueHeads), Columns(heads + keyValueHeads, keyValueHeads), ranges, shape);
        Assert.That(RelativeError(Download(output.AsVector()), reference.Output), Is.LessThan(1.0 / 256), "two roundings of at most 2^-8, of 2^-8.8 on the average");

        double[] Columns(int head, int count) =>
            [.. values.Chunk(width).SelectMany(row => row.Skip(head * headDimension).Take(count * headDimension))];
    }

    [Test]
    public void LargeScoresDoNotOverflow()
    {
        // Scores of some thousands: exp of them is beyond fp32, and so is exp of most differences of two of them, so that
        // anything but the row's own maximum under the exponent shows.
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2, 2, 64) with { Scale = 64 }, AttentionProblem.Documents(1, 150));
        var (output, logSumExp) = problem.Forward(this);
        var reference = new AttentionReference(problem.Query, problem.Key, problem.Value, problem.Ranges, problem.Shape);
        for (var i = 0; i < logSumExp.Length; i++)
        {
            if (!double.IsNaN(reference.LogSumExp[i]))
                Assert.That(logSumExp[i], Is.EqualTo(reference.LogSumExp[i]).Within(0.01), "2^-24 of scores of some thousands, a few times");
        }

        for (var i = 0; i < output.Length; i++)
        {
            if (!double.IsNaN(reference.Output[i]))
                Assert.That(BFloat16Reference.FromBits(output[i]), Is.EqualTo(reference.Output[i]).Within(0.02 + reference.OutputBound[i]));
        }
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(3, 1, 128), AttentionProblem.Documents(140, 20));
        var natural = problem.Forward(this);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var shuffled = problem.Forward(this);
            Assert.That(shuffled.Output, Is.EqualTo(natural.Output));
            Assert.That(shuffled.LogSumExp, Is.EqualTo(natural.LogSumExp));
        }
    }

    [Test]
    public void DoesTheWorkThatItsBannerClaims([Values(16, 64, 80, 128)] int headDimension)
    {
        const int heads = 4;
        var kernel = new AttentionKernelShape(AttentionKernels.For(Backend.Context.ComputeCapability, headDimension).Forward);
        var (queryRows, keyRows, tileWidth) = (kernel.QueryRows, kernel.KeyRows, kernel.HeadDimension);
        AttentionRange[] ranges = [.. AttentionProblem.Documents(1, 200, 33, 96), new(336, 40, 336, 111)];
        CudaEmulator.ResetCounters();
        new AttentionProblem(AttentionProblem.ShapeOf(heads, 2, headDimension), ranges).Forward(this);

        long tiles = 0, steps = 0, read = 0, written = 0, operations = 0;
        foreach (var range in ranges)
        {
            for (var first = 0; first < range.QueryCount; first += queryRows)
            {
                var queries = Math.Min(queryRows, range.QueryCount - first);
                var visible = range.KeyCount - range.QueryCount + first + 1;
                var keys = visible + queries - 1;
                tiles++;
                steps += (keys + keyRows - 1) / keyRows;
                read += 2 * headDimension * (queries + (2 * keys));
                written += queries * ((2 * headDimension) + 4);
                for (var row = 0; row < queries; row += kernel.WarpRows)
                {
                    var seen = Math.Min(keys, visible + row + kernel.WarpRows - 1);
                    operations += (seen + keyRows - 1) / keyRows * (4L * kernel.WarpRows * keyRows * tileWidth);
                }
            }
        }

        var counted = CudaEmulator.CountersOf(Kernel);
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Blocks, Is.EqualTo(heads * tiles));
            Assert.That(counted.Threads, Is.EqualTo(heads * tiles * Warps * 32));
            Assert.That(counted.BlockBarriers, Is.EqualTo(heads * steps), "one a step");
            Assert.That(counted.BytesReadAsync, Is.EqualTo(heads * read));
            Assert.That(counted.BytesReadReused, Is.EqualTo(heads * tiles * 16 * Warps * 32), "every thread reads its tile");
            Assert.That(counted.BytesReadStreaming, Is.Zero);
            Assert.That(counted.BytesWritten, Is.EqualTo(heads * written));
            Assert.That(counted.MmaOperations, Is.EqualTo(heads * operations));
            Assert.That(counted.BankConflicts, Is.Zero, "the swizzle");
        });
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 4096, MemoryCategory.Activations, "x");
        using var statistics = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "statistics");
        var x = buffer.AsMatrix(8, 64);
        Assert.Multiple(() =>
        {
            Fails(x, 8, AttentionProblem.ShapeOf(4, 4, 16), "logSumExp is [3, 8] and must be [4, 8]", statistics.AsMatrix(3, 8));
            Fails(x, 8, AttentionProblem.ShapeOf(4, 4, 12), "head dimension 12");
            Fails(x, 8, AttentionProblem.ShapeOf(4, 4, 136), "head dimension 136");
            Fails(x, 8, AttentionProblem.ShapeOf(4, 3, 16), "3 key/value heads do not divide 4");
            Fails(x, 8, AttentionProblem.ShapeOf(4, 0, 16), "0 key/value heads do not divide 4");
            Fails(x, 8, AttentionProblem.ShapeOf(0, 1, 16), "1 key/value heads do not divide 0");
            Fails(x, 8, AttentionProblem.ShapeOf(4, 4, 16) with { Scale = 0 }, "the scale is 0");
            Fails(x, 8, AttentionProblem.ShapeOf(4, 2, 16), "key is [8, 64] and must be [8, 32]");
            Fails(x, 9, AttentionProblem.ShapeOf(4, 4, 16), "ends after the 8 rows");
            Fails(new Matrix(buffer, 4, 8, 64, 64), 8, AttentionProblem.ShapeOf(4, 4, 16), "query must begin");
            Assert.That(() => Run(x, new AttentionRange(0, 3, 0, 2), AttentionProblem.ShapeOf(4, 4, 16), statistics.AsMatrix(4, 8)), Throws.ArgumentException);
            Assert.That(() => Run(x, new AttentionRange(0, 0, 0, 2), AttentionProblem.ShapeOf(4, 4, 16), statistics.AsMatrix(4, 8)), Throws.ArgumentException);
            Assert.That(() => Run(x, new AttentionRange(-1, 1, 0, 2), AttentionProblem.ShapeOf(4, 4, 16), statistics.AsMatrix(4, 8)), Throws.ArgumentException);
            Assert.That(() => Run(x, new AttentionRange(0, 1, -1, 2), AttentionProblem.ShapeOf(4, 4, 16), statistics.AsMatrix(4, 8)), Throws.ArgumentException);
        });

        void Fails(Matrix query, int count, AttentionShape shape, string message, Matrix logSumExp = default) => Assert.That(
            () => Run(query, new AttentionRange(0, count, 0, count), shape, logSumExp.IsEmpty ? statistics.AsMatrix(4, 8) : logSumExp),
            Throws.ArgumentException.With.Message.Contains(message));

        void Run(Matrix query, AttentionRange range, AttentionShape shape, Matrix logSumExp) => Backend.AttentionForward(
            query, x, x, query, logSumExp, new AttentionRanges(default, new[] { range }), shape);
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        const int rows = 40;
        AttentionLaunches.AssertForwardAllocatesNothing(
            Backend, rows, [new(0, 30, 0, 30)], [.. Enumerable.Range(0, rows).Select(row => new AttentionRange(row, 1, row, 1))]);
    }

    [Test]
    public void NoRangesIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        using var statistics = Backend.Allocate(DataType.Float32, 4, MemoryCategory.Activations, "statistics");
        var x = buffer.AsMatrix(4, 16);
        Assert.That(
            () => Backend.AttentionForward(x, x, x, x, statistics.AsMatrix(1, 4), new AttentionRanges(default, Array.Empty<AttentionRange>()), AttentionProblem.ShapeOf(1, 1, 16)),
            Throws.Nothing);
        Backend.Synchronize();
    }
}
