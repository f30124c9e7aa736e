using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/attention_decode*.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AttentionDecodeTests : CudaBackendFixture
{
    private const int Chunk = AttentionKernels.DecodeKeys;

    // A warp's keys of a step and one more or less; the same of all warps; of their two stages; of a chunk; of three.
    private static readonly int[] Lengths = [2, 15, 16, 17, 63, 64, 65, 127, 128, 129, Chunk - 1, Chunk, Chunk + 1, (3 * Chunk) + 70];

    [Test]
    public void SequencesAgreeWithFp64([Values(16, 64, 80, 128)] int headDimension, [Values(0ul, 1ul, 2ul)] ulong order)
    {
        CudaEmulator.SetOrder(order);
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(4, 2, headDimension), Sequences(Lengths));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void HeadsOfAGroupShareKeysAndValues([Values(1, 2, 7, 8, 9, 15, 16, 17, 40)] int group)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2 * group, 2, 24), Sequences(70, 5));
        problem.Check(problem.Forward(this));
    }

    /// <summary>Around a whole number of the second kernel's blocks, which have 128 threads of 8 channels; Llama's 32 heads are four.</summary>
    [TestCase(127, 8)]
    [TestCase(16, 64)]
    [TestCase(129, 8)]
    [TestCase(32, 128)]
    public void ChannelsThatFillBlocksAndThatDoNot(int heads, int headDimension)
    {
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(heads, heads % 2 == 0 ? heads / 2 : heads, headDimension), Sequences(5, Chunk + 3, 2));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void LargeScoresDoNotOverflow()
    {
        // Scores of some thousands, and chunks whose maxima are as far apart.
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2, 2, 64) with { Scale = 64 }, Sequences(2, (2 * Chunk) + 50));
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
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(7, 1, 128), Sequences((2 * Chunk) + 30, 20));
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
    public void ASequenceHasTheSameBitsWhateverIsBesideIt([Values(1, 3)] int which)
    {
        // A prompt beside the others too, which the forward kernel takes.
        AttentionRange[] ranges = [.. Sequences(40, Chunk + 1, 3, (2 * Chunk) + 99), new(4, 20, 1000, 50)];
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(6, 2, 64), ranges);
        var together = Bits(problem.Forward(this), problem, ranges[which]);
        Assert.That(Bits(problem.Forward(this, [ranges[which]]), problem, ranges[which]), Is.EqualTo(together), "alone");

        // In another row of the batch, and another place of the cache.
        AttentionRange[] moved = [new(1, 1, 500, 30), new(2, 1, 700, ranges[which].KeyCount)];
        var elsewhere = new AttentionProblem(problem.Shape, moved);
        Array.Copy(problem.Query, ranges[which].QueryStart * problem.QueryWidth, elsewhere.Query, 2 * problem.QueryWidth, problem.QueryWidth);
        foreach (var (from, to) in new[] { (problem.Key, elsewhere.Key), (problem.Value, elsewhere.Value) })
            Array.Copy(from, ranges[which].KeyStart * problem.KeyWidth, to, 700 * problem.KeyWidth, ranges[which].KeyCount * problem.KeyWidth);
        Assert.That(Bits(elsewhere.Forward(this), elsewhere, moved[1]), Is.EqualTo(together), "elsewhere");
    }

    [Test]
    public void DoesTheWorkThatItsBannerClaims([Values(16, 64, 80, 128)] int headDimension, [Values(2, 18)] int group)
    {
        const int keyHeads = 2;
        var heads = group * keyHeads;
        int[] lengths = [2, 200, Chunk, (2 * Chunk) + 33];
        var kernel = AttentionKernels.For(Backend.Context.ComputeCapability, headDimension).Decode;
        var combine = AttentionKernels.DecodeCombine;
        CudaEmulator.ResetCounters();
        new AttentionProblem(AttentionProblem.ShapeOf(heads, keyHeads, headDimension), Sequences(lengths)).Forward(this);

        var parts = (group + 15) / 16;
        var chunks = lengths.Sum(length => (length + Chunk - 1) / Chunk);
        var blocks = chunks * keyHeads * parts;
        var steps = lengths.Sum(length => Enumerable.Range(0, (length + Chunk - 1) / Chunk).Sum(chunk => (Math.Min(Chunk, length - (chunk * Chunk)) + 15) / 16));
        var counted = CudaEmulator.CountersOf("attention_decode");
        var combined = CudaEmulator.CountersOf("attention_decode_combine");
        var combineThreads = (long)combined.Blocks * combine.Block.Threads;
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Blocks, Is.EqualTo(blocks));
            Assert.That(counted.BlockBarriers, Is.EqualTo(blocks * 3));
            Assert.That(counted.BytesReadAsync, Is.EqualTo((keyHeads * parts * lengths.Sum() * 4 * headDimension) + (chunks * heads * 2 * headDimension)));
            Assert.That(counted.BytesReadReused, Is.EqualTo(blocks * kernel.Block.Threads * 16), "every thread reads its chunk");
            Assert.That(counted.BytesReadStreaming, Is.Zero);
            Assert.That(counted.BytesWritten, Is.EqualTo(chunks * heads * ((4 * headDimension) + 8)));
            Assert.That(counted.MmaOperations, Is.EqualTo(keyHeads * parts * steps * 1024L * (headDimension <= 64 ? 64 : 128)));
            Assert.That(counted.BankConflicts, Is.Zero, "the swizzle");

            Assert.That(combined.Launches, Is.EqualTo(1));
            Assert.That(combined.Blocks, Is.EqualTo(chunks * (((heads * headDimension / 8) + combine.Block.Threads - 1) / combine.Block.Threads)));
            Assert.That(combined.BytesReadStreaming, Is.EqualTo(chunks * heads * 4 * headDimension));
            Assert.That(combined.BytesReadReused, Is.EqualTo((chunks * heads * headDimension) + (combineThreads * 16)), "statistics, and every thread its chunk");
            Assert.That(combined.BytesWritten, Is.EqualTo(lengths.Length * heads * ((2 * headDimension) + 4)));
        });
    }

    [Test]
    public void ADocumentOfOneTokenIsNoSequence()
    {
        AttentionChunk[] chunks = [];
        Assert.That(AttentionChunk.Cut(AttentionProblem.Documents(1, 1, 3), Chunk, ref chunks), Is.Zero, "training has no memory for it");
        var problem = new AttentionProblem(AttentionProblem.ShapeOf(2, 1, 64), AttentionProblem.Documents(1, 1, 3));
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void ChunksAreCutByTheLengthAlone()
    {
        AttentionRange[] ranges = [new(0, 1, 9, Chunk + 1), new(1, 2, 500, 700), new(3, 1, 30, 1), new(4, 1, 40, 2)];
        AttentionChunk[] chunks = [];
        var count = AttentionChunk.Cut(ranges, Chunk, ref chunks);
        Assert.That(
            chunks[..count], Is.EqualTo((AttentionChunk[])[new(0, 9, Chunk + 1, 0), new(0, 9, Chunk + 1, 1), new(4, 40, 2, 0)]));
        AttentionTile[] tiles = [];
        count = AttentionTile.Cut(ranges, 64, ofKeys: false, ref tiles);
        Assert.That(tiles[..count].Select(tile => tile.Row), Is.EquivalentTo((int[])[1, 3]), "the forward kernel takes the others");
    }

    [Test]
    public void APlanHasTheChunksToo()
    {
        AttentionRange[] ranges = [new(0, 1, 0, Chunk + 1), new(1, 2, 500, 700)];
        var shape = AttentionProblem.ShapeOf(1, 1, 64);
        var problem = new AttentionProblem(shape, ranges);
        var plan = (CudaAttentionPlan)Backend.PlanAttention(ranges, shape, training: false);
        AttentionChunk[] chunks = [];
        Array.Resize(ref chunks, AttentionChunk.Cut(ranges, Chunk, ref chunks));
        Assert.That(plan.FindChunks(Chunk), Is.EqualTo(chunks));
        Assert.That(plan.FindChunks(2 * Chunk), Is.Null);
        problem.Check(problem.Forward(this));
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        const int rows = 400;
        AttentionLaunches.AssertForwardAllocatesNothing(
            Backend, rows, [new(0, 1, 0, 300)], [.. Enumerable.Range(1, rows - 1).Select(row => new AttentionRange(row, 1, 0, row + 1))]);
    }

    /// <summary>One query each, at every second row; caches one after another, with rows between that are in none.</summary>
    private static AttentionRange[] Sequences(params int[] lengths)
    {
        var ranges = new List<AttentionRange>();
        var key = 3;
        foreach (var length in lengths)
        {
            ranges.Add(new AttentionRange((2 * ranges.Count) + 1, 1, key, length));
            key += length + 5;
        }

        return [.. ranges];
    }

    private static (ushort[] Output, float[] LogSumExp) Bits((ushort[] Output, float[] LogSumExp) all, AttentionProblem problem, AttentionRange range) => (
        all.Output[(range.QueryStart * problem.QueryWidth)..((range.QueryStart + 1) * problem.QueryWidth)],
        [.. all.LogSumExp.Chunk(problem.QueryCount).Select(row => row[range.QueryStart])]);
}
