using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Generation;
using DftNative.Models;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>Generation with a key/value cache on the emulator.</summary>
internal sealed class CudaGenerationTests : CudaBackendFixture
{
    private const int Capacity = 40;

    /// <summary>Prompts and single tokens in one pass, beside the CPU's logits of the same bf16 weights.</summary>
    [Test]
    public void LogitsWithACacheAreCloseToTheCpus([Values("qwen2", "qwen3", "llama")] string architecture)
    {
        using var run = new CudaRun(architecture);
        using var cpu = new CpuBackend(2);
        var (expected, actual) = (Logits(cpu, run), Logits(Backend, run));
        Assert.That(actual, Has.Length.EqualTo(expected.Length).And.All.Matches<float>(float.IsFinite));
        var scale = expected.Max(Math.Abs);
        var difference = expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max();

        // Two layers of bf16 roundings, each of 2⁻⁹ of an activation; logits of the order of 5.
        Assert.That(difference, Is.InRange(0, 0.03 * scale), $"largest logit {scale}");
        Assert.That(difference, Is.GreaterThan(0));
    }

    [Test]
    public void GreedySequencesAreTheSameInEveryOrderAndHoweverManyAreSampledAtOnce()
    {
        using var run = new CudaRun();
        int[][] prompts = [[5, 8, 11], [7], [20, 23, 26, 29, 32, 35, 38], [50, 53]];
        var expected = Generate(slots: 4);
        foreach (var seed in (ulong[])[1, 2])
        {
            CudaEmulator.SetOrder(seed);
            Assert.That(Generate(slots: 4), Is.EqualTo(expected));
        }

        CudaEmulator.SetOrder(0);
        Assert.That(Generate(slots: 1), Is.EqualTo(expected));

        int[][] Generate(int slots)
        {
            using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(16) { MaxPositions = Capacity });
            run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
            using var generator = new SequenceGenerator(Backend, transformer, slots, Capacity);
            var options = new GenerationOptions { Temperature = 0, MaxNewTokens = 12, Seed = 1, StopTokenIds = [1] };
            return [.. generator.Generate(prompts, options).Select(sequence => sequence.Tokens.ToArray())];
        }
    }

    /// <summary>
    /// To the bit, and by the same matrix products: cuBLASLt's depend on their number of rows, the emulator's do not, so
    /// that the shapes are compared too. More sequences than a pass has rows take several passes.
    /// </summary>
    [Test]
    public void ASampleAndItsProductsAreTheSameWhateverRunsBesideIt([Values("qwen2", "qwen3", "llama")] string architecture)
    {
        const int Rows = 6;
        using var run = new CudaRun(architecture);
        var options = new GenerationOptions { MaxNewTokens = 6, Seed = 2, KeepsLogProbabilities = true, TopP = 0.95, RepetitionPenalty = 1.1 };
        GenerationRequest[] requests = [.. Enumerable.Range(0, 9).Select(i => new GenerationRequest([20 + i, 23, 26 + i, 29], (ulong)i))];
        var (alone, products) = Generate(1, requests[^1..]);
        foreach (var slots in (int[])[2, 9])
        {
            var (together, otherProducts) = Generate(slots, requests);
            Assert.Multiple(() =>
            {
                Assert.That(together[^1].Tokens, Is.EqualTo(alone[0].Tokens), $"{slots} slots");
                Assert.That(together[^1].LogProbabilities, Is.EqualTo(alone[0].LogProbabilities), $"{slots} slots");
                Assert.That(otherProducts, Is.EqualTo(products), $"{slots} slots");
            });
        }

        (GeneratedSequence[] Sequences, string Products) Generate(int slots, GenerationRequest[] wanted)
        {
            using var backend = new CudaBackend();
            using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(Rows) { MaxPositions = Capacity });
            run.Model.Load(backend, transformer.Layout, transformer.Parameters);
            using var generator = new SequenceGenerator(backend, transformer, slots, Capacity);
            var results = new ResultCollector(wanted.Length);
            generator.Generate(wanted, options, results);
            return (results.Sequences, backend.ExportPlans()!);
        }
    }

    /// <summary>Each token by a pass over the whole sequence, whose cache is empty; the Qwens' query heads share keys and values.</summary>
    [Test]
    public void GreedyWithTheCacheEqualsGreedyWithout([Values("qwen2", "qwen3", "llama")] string architecture)
    {
        const int NewTokens = 6;
        using var run = new CudaRun(architecture);
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(24) { MaxPositions = Capacity });
        run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
        using var generator = new SequenceGenerator(Backend, transformer, 3, Capacity);
        int[][] prompts = [[5, 8, 11], [7], [20, 23, 26, 29, 32, 35, 38]];
        var cached = generator.Generate(prompts, new GenerationOptions { Temperature = 0, MaxNewTokens = NewTokens });
        for (var step = 0; step < NewTokens; step++)
        {
            var next = generator.Generate(prompts, new GenerationOptions { Temperature = 0, MaxNewTokens = 1 });
            for (var i = 0; i < prompts.Length; i++) prompts[i] = [.. prompts[i], next[i].Tokens[0]];
        }

        Assert.That(cached.Select(sequence => sequence.Tokens), Is.EqualTo(prompts.Select(ids => ids[^NewTokens..])));
    }

    /// <summary>[parts, vocabulary] after a pass with two prompts, and after one with a new token each and a third prompt.</summary>
    private static float[] Logits(IBackend backend, CudaRun run)
    {
        var vocabulary = run.Model.Configuration.VocabularySize;
        using var transformer = new Transformer(backend, run.Model.Configuration, new TransformerOptions(24) { MaxPositions = Capacity });
        run.Model.Load(backend, transformer.Layout, transformer.Parameters);
        using var cache = new KeyValueCache(backend, run.Model.Configuration, 3, Capacity, 24);
        using var buffer = backend.Allocate(DataType.Float32, 3L * vocabulary, MemoryCategory.Workspace, "logits");
        var logits = new List<float>();
        Pass([new CachedPart(0, 0, new[] { 4, 9, 16, 25, 36 }), new CachedPart(2, 0, new[] { 3 })]);
        Pass([new CachedPart(0, 5, new[] { 49 }), new CachedPart(1, 0, new[] { 2, 4, 8, 16, 32, 64 }), new CachedPart(2, 1, new[] { 6 })]);
        return [.. logits];

        void Pass(CachedPart[] parts)
        {
            var values = new float[parts.Length * vocabulary];
            transformer.ForwardCached(parts, cache, buffer.AsMatrix(parts.Length, vocabulary));
            backend.Download(buffer.AsVector().Slice(0, values.Length), values.AsSpan());
            logits.AddRange(values);
        }
    }
}
