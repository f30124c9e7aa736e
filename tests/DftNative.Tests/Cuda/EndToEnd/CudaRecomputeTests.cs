using DftNative.Backends;
using DftNative.Losses;
using DftNative.Models;

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

    private float[] Gradients(CudaRun run, RecomputeLevel level)
    {
        MicroBatch[] batches = [Batch(3, seed: 1), Batch(2, seed: 2)];
        var options = new TransformerOptions(batches.Max(batch => batch.TokenCount) + 5) { Training = true, Recompute = level };
        using var transformer = new Transformer(Backend, run.Model.Configuration, options);
        run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
        foreach (var batch in batches)
        {
            transformer.ForwardBackward(batch, TokenWeighting.Dft, 0.01f);
            transformer.Evaluate(batches[0], TokenWeighting.Dft);
        }

        var gradients = new float[transformer.Gradients.Length];
        Backend.Download(transformer.Gradients, gradients.AsSpan());
        return gradients;
    }

    private static MicroBatch Batch(int rows, int seed) => new(CudaRun.Rows(rows, seed), new TokenLossOptions(), []);
}
