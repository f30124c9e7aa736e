using DftNative.Losses;
using DftNative.Models;
using DftNative.Tests.Models;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>The operations that utilisation is measured by.</summary>
public sealed class ModelFlopsTests
{
    /// <summary>Counted by hand: 2 layers of (40·(56 + 2·28) + 56·40 + 3·40·56) weights, q of 56 channels, a vocabulary of 61.</summary>
    [Test]
    public void AreThoseOfTheMathematics()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        var pass = new MicroBatch(SmallModel.Rows(1, 5, 3), new TokenLossOptions(), []);
        const double layerWeights = (40 * 112) + (56 * 40) + (3 * 40 * 56);
        const double visiblePairs = 15 + 6;
        var expected = 6 * ((2 * layerWeights * 8) + (2 * 2 * 56 * visiblePairs) + (40 * 61 * pass.TargetCount));
        Assert.That(ModelFlops.OfTraining(configuration, [pass]), Is.EqualTo(expected));
        Assert.That(ModelFlops.OfTraining(configuration, [pass, pass]), Is.EqualTo(2 * expected));
    }

    /// <summary>7.07e9 parameters outside the embedding, 16,384 tokens: by the published shapes 695 TFLOP of GEMMs and 3 · 13.5 of attention.</summary>
    [Test]
    public void AgreeWithTheKnownFiguresOfQwen7B()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2) with
        {
            VocabularySize = 152064,
            HiddenSize = 3584,
            IntermediateSize = 18944,
            LayerCount = 28,
            HeadCount = 28,
            KeyValueHeadCount = 4,
            HeadDimension = 128,
        };
        var ids = new int[4096];
        var row = new DftNative.Data.TrainingRow(ids, ids);
        var pass = new MicroBatch([row], new TokenLossOptions(), []);
        var flops = 4 * ModelFlops.OfTraining(configuration, [pass]);
        Assert.That(flops, Is.EqualTo((695 + (3 * 13.5)) * 1e12).Within(0.5).Percent);

        // 12,000 tokens a second are 54 % of an H200's dense peak, 15,000 of a roofline 68 %.
        var peak = DftNative.Backends.Cuda.DevicePeaks.Find("NVIDIA H200")!.Value;
        Assert.That(peak, Is.EqualTo(989e12).Within(0.1).Percent);
        Assert.That(12_000 * flops / 16_384 / peak, Is.EqualTo(0.54).Within(0.01));
        Assert.That(15_000 * flops / 16_384 / peak, Is.EqualTo(0.68).Within(0.01));
    }
}
