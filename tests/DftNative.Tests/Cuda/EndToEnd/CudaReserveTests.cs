using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>All device memory is there before the first step, by the driver's own count, and a plan without a device knows how much.</summary>
internal sealed class CudaReserveTests : CudaBackendFixture
{
    private const int MaxTokens = 70;

    private static readonly PassShape Qwen7B = new()
    {
        TokenCount = 1,
        HiddenSize = 3584,
        IntermediateSize = 18944,
        VocabularySize = 152064,
        HeadCount = 28,
        KeyValueHeadCount = 4,
        HeadDimension = 128,
    };

    /// <summary>Passes that each take the most of some scratch memory, in orders of rising and falling size.</summary>
    private static readonly int[][] Passes =
    [
        [4, 3], [MaxTokens], [.. Enumerable.Repeat(1, MaxTokens - 2), 2], [20, 33, 5], [2], [65], [64],
    ];

    [Test]
    [Category("Slow")]
    public void NothingIsAllocatedAfterTheConstructor([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture)
    {
        using var run = new CudaRun(architecture);
        using var backend = new CudaBackend();
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(MaxTokens) { Training = true, LossChunkRows = 16 });
        using var optimizer = new AdamWOptimizer(backend, transformer, new(), excludeNormAndBias: true, seed: 1);
        run.Model.Load(backend, transformer.Layout, optimizer.Weights);
        backend.Synchronize();
        CudaEmulator.ResetDeviceMemory();
        foreach (var lengths in Passes.Concat(Passes.Reverse()))
        {
            var batch = Batch(lengths);
            transformer.Evaluate(batch, TokenWeighting.Dft);
            transformer.ForwardBackward(batch, TokenWeighting.Dft, 1f / batch.TargetCount);
            optimizer.Step(1, 1e-4f, 1);
        }

        backend.Synchronize();
        Assert.That(CudaEmulator.DeviceMemory().Allocations, Is.Zero);
    }

    [Test]
    public void NothingIsAllocatedWhileSequencesGrow()
    {
        const int capacity = AttentionKernels.DecodeKeys + 8, prompt = AttentionKernels.DecodeKeys - 1;
        using var run = new CudaRun();
        using var backend = new CudaBackend();
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(prompt) { MaxPositions = capacity });
        run.Model.Load(backend, transformer.Layout, transformer.Parameters);
        using var cache = new KeyValueCache(backend, run.Model.Configuration, slots: 2, capacity, prompt);
        using var logits = backend.Allocate(DataType.Float32, 2L * run.Model.Configuration.VocabularySize, MemoryCategory.Workspace, "logits");
        var token = new[] { 5 };
        Pass(new CachedPart(0, 0, new int[prompt]));
        Pass(new CachedPart(1, 0, new int[prompt]));
        backend.Synchronize();
        CudaEmulator.ResetDeviceMemory();
        for (var length = prompt; length < capacity; length++) Pass(new CachedPart(0, length, token), new CachedPart(1, length, token));
        backend.Synchronize();
        Assert.That(CudaEmulator.DeviceMemory().Allocations, Is.Zero);

        void Pass(params CachedPart[] parts) =>
            transformer.ForwardCached(parts, cache, logits.AsMatrix(parts.Length, run.Model.Configuration.VocabularySize));
    }

    /// <summary>7B, 64 sequences of 4096: 16 chunks each.</summary>
    [TestCase(4096, 64 * 16)]
    [TestCase(4097, 64 * 17)]
    public void ACacheTakesItsChunksPartialSums(int cachedTokens, long chunks)
    {
        var shape = Qwen7B with
        {
            TokenCount = 64,
            CachedSequences = 64,
            CachedTokens = cachedTokens,
        };
        var sizes = CudaScratchSizes.For(shape, 132);
        Assert.That(sizes.Single(size => size.Kind == CudaScratchKind.AttentionDecodeChunks).Length, Is.EqualTo(4 * chunks));
        Assert.That(sizes.Single(size => size.Kind == CudaScratchKind.AttentionDecodePartials).Length, Is.EqualTo(chunks * 28 * 130));
    }

    /// <summary>Each kind of scratch is as large as the passes make it, and no larger.</summary>
    [Test]
    public void WhatIsReservedIsWhatIsCountedWithoutADevice([Values("qwen3", "llama-bias")] string architecture, [Values(1, 8, 4096)] int chunkRows)
    {
        using var run = new CudaRun(architecture);
        using var backend = new CudaBackend();
        var options = new TransformerOptions(MaxTokens) { Training = true, LossChunkRows = chunkRows };
        var shape = options.ShapeOf(run.Model.Configuration);
        var before = backend.AllocatedBytes;
        backend.Reserve(shape);
        var sizes = CudaScratchSizes.For(shape, backend.Context.MultiprocessorCount);
        Assert.Multiple(() =>
        {
            Assert.That(backend.AllocatedBytes - before, Is.EqualTo(sizes.Sum(size => size.SizeInBytes)));
            Assert.That(sizes.Select(size => size.Kind), Is.Unique);
            Assert.That(Length(CudaScratchKind.Logits), Is.EqualTo(Math.Min(MaxTokens, chunkRows) * 68L), "67 logits in whole packets");
            Assert.That(Length(CudaScratchKind.LossRowStatistics), Is.EqualTo(MaxTokens * 4));
            Assert.That(Length(CudaScratchKind.AttentionDelta), Is.EqualTo(MaxTokens * run.Model.Configuration.HeadCount));
            Assert.That(Length(CudaScratchKind.AttentionQueryTiles), Is.EqualTo(MaxTokens * 4));
        });

        long Length(CudaScratchKind kind) => sizes.Single(size => size.Kind == kind).Length;
    }

    /// <summary>The partial sums of a large model on a large GPU: two blocks an SM of the widest row, or 64 parts of the rows of a bias.</summary>
    [TestCase(132, 264 * 3584, false)]
    [TestCase(10, 64 * 4608, true)]
    [TestCase(10, 20 * 3584, false)]
    public void PartialSumsAreAsManyAsTheDeviceHasBlocks(int multiprocessors, long length, bool bias)
    {
        var shape = Qwen7B with
        {
            TokenCount = 4096,
            QueryKeyValueBias = bias,
            Training = true,
            LossChunkRows = 4096,
        };
        var sizes = CudaScratchSizes.For(shape, multiprocessors);
        Assert.That(sizes.Single(size => size.Kind == CudaScratchKind.ColumnPartials).Length, Is.EqualTo(length));
        Assert.That(sizes.Single(size => size.Kind == CudaScratchKind.Logits).SizeInBytes, Is.EqualTo(4096L * 152064 * 4));
        Assert.That(CudaScratchSizes.For(shape with { Training = false }, multiprocessors), Has.Count.EqualTo(1), "forward alone");
    }

    /// <summary>A narrow model with wide heads: two blocks an SM of a head's norm.</summary>
    [TestCase(4096, 20 * 128)]
    [TestCase(4, 4 * 128)]
    public void NormsOfHeadsHavePartialSumsToo(int tokens, long length)
    {
        var shape = new PassShape
        {
            TokenCount = tokens,
            HiddenSize = 8,
            IntermediateSize = 8,
            VocabularySize = 64,
            HeadCount = 32,
            KeyValueHeadCount = 2,
            HeadDimension = 128,
            QueryKeyNorm = true,
            Training = true,
            LossChunkRows = 16,
        };
        Assert.That(CudaScratchSizes.For(shape, 10).Single(size => size.Kind == CudaScratchKind.ColumnPartials).Length, Is.EqualTo(length));
    }

    /// <summary>A second model grows the scratch memory between two equal passes of the first: its tiles are uploaded again.</summary>
    [Test]
    public void ASecondModelLeavesTheFirstsPassesAsTheyWere()
    {
        using var run = new CudaRun();
        using var backend = new CudaBackend();
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(16) { Training = true });
        run.Model.Load(backend, transformer.Layout, transformer.Parameters);
        var batch = Batch([9, 7]);
        var first = Gradients(backend, transformer, batch);
        using var larger = new Transformer(backend, run.Model.Configuration, new TransformerOptions(40) { Training = true });
        Assert.That(Gradients(backend, transformer, batch), Is.EqualTo(first));
    }

    /// <summary>Whatever rows have targets, and however many: after the first pass no product is a new problem.</summary>
    [Test]
    public void MatrixProductsKeepTheirShapes()
    {
        using var run = new CudaRun();
        using var backend = new CudaBackend();
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(300) { Training = true });
        run.Model.Load(backend, transformer.Layout, transformer.Parameters);
        var plans = new List<string?>();
        foreach (var lengths in (int[][])[[150, 90], [3], [200, 56]])
        {
            Gradients(backend, transformer, Batch(lengths));
            plans.Add(backend.ExportPlans());
        }

        Assert.That(plans, Is.All.EqualTo(plans[0]));
        Assert.That(plans[0], Does.Contain("\"256x67x64 "));
        Gradients(backend, transformer, Batch([300]));
        Assert.That(backend.ExportPlans(), Does.Contain("\"256x67x64 ").And.Contain("\"300x67x64 "), "more targets than 256 are filled up to the pass");
    }

    [Test]
    public void WithoutTrainingThereIsNoLoss()
    {
        using var run = new CudaRun();
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(8));
        Assert.That(() => transformer.Evaluate(Batch([4]), TokenWeighting.Dft), Throws.InvalidOperationException.With.Message.Contains("training"));
    }

    private static float[] Gradients(CudaBackend backend, Transformer transformer, MicroBatch batch)
    {
        transformer.ZeroGradients();
        transformer.ForwardBackward(batch, TokenWeighting.Dft, 1f / batch.TargetCount);
        var values = new float[transformer.Gradients.Length];
        backend.Download(transformer.Gradients, values.AsSpan());
        return values;
    }

    /// <summary>Rows of the given lengths, every token but the first of a row a target.</summary>
    private static MicroBatch Batch(int[] lengths)
    {
        var rows = lengths.Select(length =>
        {
            int[] ids = [.. Enumerable.Range(0, length).Select(t => (7 * t) % 60)];
            return new TrainingRow(ids, ids);
        });
        return new MicroBatch([.. rows], new TokenLossOptions(), []);
    }
}
