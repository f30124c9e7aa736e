using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/attention_backward_*.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AttentionBackwardTests : CudaBackendFixture
{
    [Test]
    public void DocumentsAgreeWithFp64([Values(16, 64, 80, 128)] int headDimension, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        // One row; a warp's rows and one more; a tile and one more; two tiles of queries and some.
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2, 1, headDimension), AttentionProblem.Documents(1, 33, 65, 2, 200));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void HeadsOfAGroupShareKeysAndValues([Values(1, 2, 4, 7, 8)] int group)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2 * group, 2, 24), AttentionProblem.Documents(70, 5));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void LengthsAroundTheTiles(
        [Values(15, 16, 17, 31, 32, 63, 64, 96, 127, 128, 129, 192, 193)] int length, [Values(64, 128)] int headDimension)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(1, 1, headDimension), AttentionProblem.Documents(length, 3));
        problem.Check(problem.Backward(this));
    }

    [Test]
    public void LargeNegativeSumsDoNotLeak()
    {
        // Where every score is far below zero, exp(0 - lse) of a row that does not exist would be infinite.
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(1, 1, 64) with { Scale = 4 }, AttentionProblem.Documents(1, 1, 40));
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
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(3, 1, 128), AttentionProblem.Documents(140, 20));
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

    [Test]
    public void TheQueryKernelDoesTheWorkThatItsBannerClaims([Values(16, 64, 80, 128)] int headDimension)
    {
        const int heads = 4;
        int[] lengths = [1, 200, 33, 96];
        var kernel = AttentionKernels.For(Backend.Context.ComputeCapability, headDimension).QueryGradient;
        var shape = new AttentionKernelShape(kernel);
        CudaEmulator.ResetCounters();
        new AttentionProblem(AttentionProblem.ShapeOf(heads, 2, headDimension), AttentionProblem.Documents(lengths)).Backward(this);

        long tiles = 0, steps = 0, read = 0, operations = 0;
        foreach (var length in lengths)
        {
            for (var first = 0; first < length; first += shape.QueryRows)
            {
                var queries = Math.Min(shape.QueryRows, length - first);
                var keys = first + queries;
                tiles++;
                steps += (keys + shape.KeyRows - 1) / shape.KeyRows;
                read += 4 * headDimension * (queries + keys);
                for (var row = 0; row < queries; row += shape.WarpRows)
                {
                    var seen = Math.Min(keys, first + row + shape.WarpRows);
                    operations += (seen + shape.Chunk - 1) / shape.Chunk * (6L * shape.WarpRows * shape.Chunk * shape.HeadDimension);
                }
            }
        }

        var rows = lengths.Sum();
        // 32 queries a warp of 128 channels are read from shared memory each time; else they go to registers first, which
        // takes a barrier before the first step and one before the last rows' place is written.
        var barriersOfBlock = shape.WarpRows * shape.HeadDimension > 32 * 64 ? 1 : 3;
        var counted = CudaEmulator.CountersOf("attention_backward_query");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Blocks, Is.EqualTo(heads * tiles));
            Assert.That(counted.BlockBarriers, Is.EqualTo(heads * (steps + (tiles * barriersOfBlock))), "one a step");
            Assert.That(counted.BytesReadAsync, Is.EqualTo(heads * read));
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(heads * rows * 2 * headDimension), "the output");
            Assert.That(counted.BytesReadReused, Is.EqualTo(heads * ((tiles * 16 * kernel.Block.Threads) + (rows * 16))), "tiles and statistics");
            Assert.That(counted.BytesWritten, Is.EqualTo(heads * rows * ((2 * headDimension) + 4)));
            Assert.That(counted.MmaOperations, Is.EqualTo(heads * operations));
            Assert.That(counted.BankConflicts, Is.Zero, "the swizzle");
        });
    }

    [Test]
    public void TheKeyValueKernelDoesTheWorkThatItsBannerClaims([Values(16, 64, 80, 128)] int headDimension)
    {
        const int heads = 4, keyHeads = 2, group = heads / keyHeads;
        int[] lengths = [1, 200, 33, 96];
        var kernel = AttentionKernels.For(Backend.Context.ComputeCapability, headDimension).KeyValueGradient;
        var shape = new AttentionKernelShape(kernel);
        CudaEmulator.ResetCounters();
        new AttentionProblem(AttentionProblem.ShapeOf(heads, keyHeads, headDimension), AttentionProblem.Documents(lengths)).Backward(this);

        long tiles = 0, steps = 0, read = 0, operations = 0;
        foreach (var length in lengths)
        {
            for (var first = 0; first < length; first += shape.KeyRows)
            {
                var keys = Math.Min(shape.KeyRows, length - first);
                var queries = length - first;
                tiles++;
                steps += group * ((queries + shape.QueryRows - 1) / shape.QueryRows);
                read += (4 * keys * headDimension) + (group * queries * ((4 * headDimension) + 8));
                for (var row = 0; row < keys; row += shape.WarpRows)
                {
                    for (var chunk = 0; chunk < queries; chunk += shape.Chunk)
                    {
                        if (chunk + shape.Chunk > row)
                            operations += group * (8L * shape.WarpRows * shape.Chunk * shape.HeadDimension);
                    }
                }
            }
        }

        // Where keys and values fill both stages, one barrier more frees them.
        var barriersOfBlock = shape.WarpRows == 16 && shape.KeyRows > shape.QueryRows ? 3 : 2;
        var rows = lengths.Sum();
        var counted = CudaEmulator.CountersOf("attention_backward_key_value");
        Assert.Multiple(() =>
        {
            Assert.That(counted.Blocks, Is.EqualTo(keyHeads * tiles));
            Assert.That(counted.BlockBarriers, Is.EqualTo(keyHeads * (steps + (tiles * barriersOfBlock))), "one a step");
            Assert.That(counted.BytesReadAsync, Is.EqualTo(keyHeads * read));
            Assert.That(counted.BytesReadStreaming, Is.Zero);
            Assert.That(counted.BytesReadReused, Is.EqualTo(keyHeads * tiles * 16 * kernel.Block.Threads), "every thread reads its tile");
            Assert.That(counted.BytesWritten, Is.EqualTo(keyHeads * rows * 4 * headDimension));
            Assert.That(counted.MmaOperations, Is.EqualTo(keyHeads * operations));
            Assert.That(counted.BankConflicts, Is.Zero, "the swizzle");
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
                valueGradient ?? x, new AttentionRanges(default, ranges ?? [new AttentionRange(0, 8, 0, 8)]), AttentionProblem.ShapeOf(4, 4, 16)),
            Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        const int rows = 40;
        using var operands = Upload(Normal(1, 5 * rows * 16));
        using var gradients = Backend.Allocate(DataType.BFloat16, 3 * rows * 16, MemoryCategory.Activations, "gradients");
        using var statistics = Backend.Allocate(DataType.Float32, rows, MemoryCategory.Activations, "statistics");
        AttentionLaunches.AssertAllocateNothing(
            Backend, Launch, [new(0, 30, 0, 30)], [.. Enumerable.Range(0, rows).Select(row => new AttentionRange(row, 1, row, 1))]);

        void Launch(AttentionRange[] ranges) => Backend.AttentionBackward(
            Part(operands, 0), Part(operands, 1), Part(operands, 2), Part(operands, 3), Part(operands, 4), statistics.AsMatrix(1, rows),
            Part(gradients, 0), Part(gradients, 1), Part(gradients, 2), new AttentionRanges(default, ranges), AttentionProblem.ShapeOf(1, 1, 16));

        static Matrix Part(DeviceBuffer buffer, int index) => new(buffer, index * rows * 16, rows, 16, 16);
    }
}
