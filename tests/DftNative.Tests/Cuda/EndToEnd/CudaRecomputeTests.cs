using DftNative.Backends;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Tests.Training.Planning;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>Every recompute level gives the gradients of none on a GPU, to the bit: packed passes, dead rows, accumulation, an evaluation between.</summary>
internal sealed class CudaRecomputeTests : CudaBackendFixture
{
    [Test]
    public void EveryLevelGivesTheGradientsOfNone([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture)
    {
        using var run = new CudaRun(architecture);
        var expected = Gradients(run, RecomputeLevel.None);
        Assert.That(expected, Has.Some.Not.Zero);
        foreach (var level in (RecomputeLevel[])[RecomputeLevel.Norms, RecomputeLevel.FeedForward, RecomputeLevel.Block])
            Assert.That(Gradients(run, level), Is.EqualTo(expected), $"{level}");
    }

    /// <summary>Additions to bf16 gradients draw random bits by their number, so a level must not add in another order.</summary>
    [Test]
    public void SoItDoesWithBFloat16Gradients([Values("qwen2", "qwen3")] string architecture)
    {
        using var run = new CudaRun(architecture);
        var expected = Gradients(run, RecomputeLevel.None, DataType.BFloat16);
        Assert.That(expected, Has.Some.Not.Zero);
        foreach (var level in (RecomputeLevel[])[RecomputeLevel.Norms, RecomputeLevel.FeedForward, RecomputeLevel.Block])
            Assert.That(Gradients(run, level, DataType.BFloat16), Is.EqualTo(expected), $"{level}");
    }

    /// <summary>Megabytes a token of what Qwen2.5-7B's layers keep, as its shapes give them; the first layer's share of what all write is beside that.</summary>
    [TestCase(RecomputeLevel.None, 4.4475)]
    [TestCase(RecomputeLevel.Norms, 2.9852)]
    [TestCase(RecomputeLevel.FeedForward, 0.8635)]
    [TestCase(RecomputeLevel.Block, 0.2007)]
    public void ALargeModelKeepsSoMuchAToken(RecomputeLevel level, double megabytes)
    {
        var configuration = PublishedModel.Configuration("Qwen2.5-7B");
        var options = new TransformerOptions(4) { Training = true, Recompute = level };
        var before = Backend.AllocatedBytes;
        using var first = new LayerActivations(Backend, configuration, options, "first", first: null);
        var ofFirst = Backend.AllocatedBytes - before;
        Assert.That(ofFirst, Is.EqualTo(158_840 * options.MaxTokens), "the first layer has all there is");
        using var second = new LayerActivations(Backend, configuration, options, "second", first);
        var keptAToken = (double)(Backend.AllocatedBytes - before - ofFirst) / options.MaxTokens;
        Assert.That(keptAToken * configuration.LayerCount / 1e6, Is.EqualTo(megabytes).Within(1e-4));
    }

    private double[] Gradients(CudaRun run, RecomputeLevel level, DataType gradientType = DataType.Float32)
    {
        MicroBatch[] batches = [Batch(3, seed: 1), Batch(2, seed: 2)];
        var options = new TransformerOptions(batches.Max(batch => batch.TokenCount) + 5) { Training = true, Recompute = level, GradientType = gradientType };
        using var transformer = new Transformer(Backend, run.Model.Configuration, options);
        run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
        transformer.ZeroGradients(step: 1);
        foreach (var batch in batches)
        {
            transformer.ForwardBackward(batch, TokenWeighting.Dft, 0.01f);
            transformer.Evaluate(batches[0], TokenWeighting.Dft);
        }

        return Download(transformer.Gradients);
    }

    private static MicroBatch Batch(int rows, int seed) => new(CudaRun.Rows(rows, seed), new TokenLossOptions(), []);
}
