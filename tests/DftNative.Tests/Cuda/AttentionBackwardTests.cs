using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/attention_backward_*.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AttentionBackwardTests : CudaBackendFixture
{
    private const int Warps = 4;
    private const int QueryRows = 128;

    [Test]
    public void DocumentsAgreeWithFp64([Values(16, 64, 80, 128)] int headDimension, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        // One row; a warp's rows and one more; a tile and one more; two tiles of queries and some.
        var problem = new AttentionProblem(Shape(2, 1, headDimension), AttentionProblem.Documents(1, 33, 65, 2, 200));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void HeadsOfAGroupShareKeysAndValues([Values(1, 2, 4, 7, 8)] int group)
    {
        var problem = new AttentionProblem(Shape(2 * group, 2, 24), AttentionProblem.Documents(70, 5));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void LengthsAroundTheTiles(
        [Values(15, 16, 17, 31, 32, 63, 64, 96, 127, 128, 129, 192, 193)] int length, [Values(64, 128)] int headDimension)
    {
        var problem = new AttentionProblem(Shape(1, 1, headDimension), AttentionProblem.Documents(length, 3));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void LargeNegativeSumsDoNotLeak()
    {
        // Where every score is far below zero, exp(0 - lse) of a row that does not exist would be infinite.
        var problem = new AttentionProblem(Shape(1, 1, 64) with { Scale = 4 }, AttentionProblem.Documents(1, 1, 40));
        for (var c = 0; c < 64; c++)
        {
            (problem.Query[64 + c], problem.Key[64 + c]) = (4, -4);
            (problem.Query[192 + c], problem.Key[192 + c]) = (-4, 4);
        }

        var result = problem.Backward(this);
        Assert.That(
            problem.Ranges.SelectMany(range => result.ValueGradient.Skip(range.KeyStart * 64).Take(range.KeyCount * 64)).Select(BFloat16Reference.FromBits),
            Is.All.Matches<double>(double.IsFinite));
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new AttentionProblem(Shape(3, 1, 128), AttentionProblem.Documents(140, 20));
        var natural = problem.Backward(this);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            var shuffled = problem.Backward(this);
            Assert.That(shuffled.QueryGradient, Is.EqualTo(natural.QueryGradient));
            Assert.That(shuffled.KeyGradient, Is.EqualTo(natural.KeyGradient));
            Assert.That(shuffled.ValueGradient, Is.EqualTo(natural.ValueGradient));
        }
    }

    [TestCase(16, 128, 16, 32)]
    [TestCase(64, 128, 16, 32)]
    [TestCase(80, 64, 32, 16)]
    [TestCase(128, 64, 32, 16)]
    public void DoesTheWorkThatItsBannersClaim(int headDimension, int keyTile, int queryChunk, int keyChunk)
    {
        const int heads = 4, keyHeads = 2, group = heads / keyHeads;
        int[] lengths = [1, 200, 33, 96];
        CudaEmulator.ResetCounters();
        new AttentionProblem(Shape(heads, keyHeads, headDimension), AttentionProblem.Documents(lengths)).Backward(this);

        var width = headDimension <= 64 ? 64 : 128;
        const int tileRead = 16 * Warps * 32;
        long queryTiles = 0, queryRead = 0, queryOperations = 0, keyTiles = 0, keyRead = 0, keyOperations = 0;
        foreach (var length in lengths)
        {
            for (var first = 0; first < length; first += QueryRows)
            {
                var queries = Math.Min(QueryRows, length - first);
                queryTiles++;
                queryRead += 4 * headDimension * (queries + first + queries);
                for (var row = 0; row < queries; row += QueryRows / Warps)
                {
                    var seen = Math.Min(first + queries, first + row + (QueryRows / Warps));
                    queryOperations += (seen + keyChunk - 1) / keyChunk * (6L * QueryRows / Warps * keyChunk * width);
                }
            }

            for (var first = 0; first < length; first += keyTile)
            {
                var keys = Math.Min(keyTile, length - first);
                var queries = length - first;
                keyTiles++;
                keyRead += (4 * keys * headDimension) + (group * queries * ((4 * headDimension) + 8));
                for (var row = 0; row < keys; row += keyTile / Warps)
                {
                    for (var chunk = 0; chunk < queries; chunk += queryChunk)
                    {
                        if (chunk + queryChunk > row) keyOperations += group * (8L * (keyTile / Warps) * queryChunk * width);
                    }
                }
            }
        }

        var rows = lengths.Sum();
        var delta = CudaEmulator.CountersOf("attention_backward_delta");
        var keyValue = CudaEmulator.CountersOf("attention_backward_key_value");
        var query = CudaEmulator.CountersOf("attention_backward_query");
        Assert.Multiple(() =>
        {
            Assert.That(delta.Blocks, Is.EqualTo(heads * queryTiles));
            Assert.That(delta.BytesReadStreaming, Is.EqualTo(heads * rows * headDimension * 2), "the output");
            Assert.That(delta.BytesReadReused, Is.EqualTo(heads * ((rows * headDimension * 2) + (queryTiles * tileRead))), "its gradient, and the tiles");
            Assert.That(delta.BytesWritten, Is.EqualTo(heads * rows * 4));

            Assert.That(keyValue.Blocks, Is.EqualTo(keyHeads * keyTiles));
            Assert.That(keyValue.BytesReadAsync, Is.EqualTo(keyHeads * keyRead));
            Assert.That(keyValue.BytesReadReused, Is.EqualTo(keyHeads * keyTiles * tileRead));
            Assert.That(keyValue.BytesWritten, Is.EqualTo(keyHeads * rows * 4 * headDimension));
            Assert.That(keyValue.MmaOperations, Is.EqualTo(keyHeads * keyOperations));

            Assert.That(query.Blocks, Is.EqualTo(heads * queryTiles));
            Assert.That(query.BytesReadAsync, Is.EqualTo(heads * queryRead));
            Assert.That(query.BytesReadReused, Is.EqualTo(heads * ((queryTiles * tileRead) + (rows * 32))));
            Assert.That(query.BytesWritten, Is.EqualTo(heads * rows * 2 * headDimension));
            Assert.That(query.MmaOperations, Is.EqualTo(heads * queryOperations));
            Assert.That(keyValue.BankConflicts + query.BankConflicts, Is.Zero, "the swizzle");
        });
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 4096, MemoryCategory.Activations, "x");
        using var statistics = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Activations, "statistics");
        var x = buffer.AsMatrix(8, 64);
        var narrow = buffer.AsMatrix(8, 32);
        Assert.Multiple(() =>
        {
            Fails("outputGradient is", outputGradient: narrow);
            Fails("output is", output: narrow);
            Fails("queryGradient is", queryGradient: narrow);
            Fails("keyGradient is", keyGradient: narrow);
            Fails("valueGradient is", valueGradient: narrow);
            Fails("the same rows", ranges: [new AttentionRange(0, 2, 0, 3)]);
            Fails("the same rows", ranges: [new AttentionRange(0, 2, 1, 2)]);
            Fails("ends after the 8 rows", ranges: [new AttentionRange(6, 3, 6, 3)]);
        });

        void Fails(
            string message, Matrix? outputGradient = null, Matrix? output = null, Matrix? queryGradient = null, Matrix? keyGradient = null,
            Matrix? valueGradient = null, AttentionRange[]? ranges = null) => Assert.That(
            () => Backend.AttentionBackward(
                outputGradient ?? x, x, x, x, output ?? x, statistics.AsMatrix(4, 8), queryGradient ?? x, keyGradient ?? x,
                valueGradient ?? x, new AttentionRanges(default, ranges ?? [new AttentionRange(0, 8, 0, 8)]), Shape(4, 4, 16)),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        const int rows = 40;
        using var operands = Upload(Normal(1, 5 * rows * 16));
        using var gradients = Backend.Allocate(DataType.BFloat16, 3 * rows * 16, MemoryCategory.Activations, "gradients");
        using var statistics = Backend.Allocate(DataType.Float32, rows, MemoryCategory.Activations, "statistics");
        AttentionRange[] few = [new(0, 30, 0, 30)];
        AttentionRange[] many = [.. Enumerable.Range(0, rows).Select(row => new AttentionRange(row, 1, row, 1))];
        Launch(many);
        Launch(few);
        Backend.Synchronize();
        var deviceBytes = Backend.AllocatedBytes;
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 5; i++)
            {
                Launch(few);
                Launch(few);
                Launch(many);
            }

            Backend.Synchronize();
        });
        Assert.That(Backend.AllocatedBytes, Is.EqualTo(deviceBytes));

        void Launch(AttentionRange[] ranges) => Backend.AttentionBackward(
            Part(operands, 0), Part(operands, 1), Part(operands, 2), Part(operands, 3), Part(operands, 4), statistics.AsMatrix(1, rows),
            Part(gradients, 0), Part(gradients, 1), Part(gradients, 2), new AttentionRanges(default, ranges), Shape(1, 1, 16));

        static Matrix Part(DeviceBuffer buffer, int index) => new(buffer, index * rows * 16, rows, 16, 16);
    }

    private static AttentionShape Shape(int heads, int keyValueHeads, int headDimension) =>
        new(heads, keyValueHeads, headDimension, (float)(1 / Math.Sqrt(headDimension)));
}
