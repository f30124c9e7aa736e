using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Tests.Losses;

/// <summary>Weights by the probability of a response, worked out by hand.</summary>
public sealed class ResponseWeightsTests
{
    private const int Eos = 9;

    /// <summary>Two turns in the first row, none trained in the second, a token weight and an end in the third.</summary>
    private static readonly TrainingRow[] Rows =
    [
        new([1, 2, 3, 4, 5], [-100, 2, -100, 4, 5]),
        new([6, 7], [-100, -100]),
        new([1, 2, Eos], [-100, 2, Eos], [1, 2, 1]),
    ];

    [TestCase(DftGranularity.Sentence, 1f, 0f, new[] { 0.1f, 0.1f, 0.1f, 0.5f, 3f })]
    [TestCase(DftGranularity.Geometric, 1f, 0f, new[] { 0.46415888f, 0.46415888f, 0.46415888f, 1f, 3f })]
    [TestCase(DftGranularity.Sentence, 2f, 0.05f, new[] { 0.05f, 0.05f, 0.05f, 0.125f, 3f })]
    [TestCase(DftGranularity.Sentence, 0f, 0.5f, new[] { 1f, 1f, 1f, 2f, 3f })]
    public void EveryTrainedTargetOfARowCounts(DftGranularity granularity, float exponent, float floor, float[] expected)
    {
        var batch = new MicroBatch(Rows, new TokenLossOptions { EosWeight = 3 }, [Eos]);
        var weights = new ResponseWeights(8);
        // The first row's p multiply to 1/10 over two turns, the third's to 1/4, the end's among them.
        float[] probabilities = [0.5f, 0.4f, 0.5f, 0.5f, 0.5f];
        for (var i = 0; i < probabilities.Length; i++) weights.LogProbabilities(batch.TargetCount)[i] = MathF.Log(probabilities[i]);
        var result = weights.Evaluate(batch, new TokenWeighting(exponent, floor) { Granularity = granularity });
        Assert.That(result.ToArray(), Is.EqualTo(expected).Within(1e-6f));
        Assert.That(weights.AllStatic(batch.TargetCount).ToArray(), Is.EqualTo(new[] { 1, 1, 1, 1, 1 }));
    }
}
