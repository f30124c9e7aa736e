using DftNative.Data;
using DftNative.Evaluation.Analysis;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;
using DftNative.Tests.Backends;
using DftNative.Tests.Training;
using DftNative.Training;

namespace DftNative.Tests.Evaluation.Analysis;

/// <summary>log p and entropy of every target, on both backends.</summary>
[TestFixture(false)]
[TestFixture(true, Category = "Gpu")]
internal sealed class TargetScorerTests(bool onGpu) : BothBackends(onGpu)
{
    private const int Vocabulary = 64;

    /// <summary>Row after row, whatever passes they were packed into; on a GPU in bf16, whose products round to 2^-8.</summary>
    [TestCase(30, true)]
    [TestCase(64, true)]
    [TestCase(2000, true)]
    [TestCase(30, false)]
    public void LogProbabilitiesAreTheReferencesInTheOrderOfTheRows(int tokens, bool packing)
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows();
        var scored = TargetScorer.Run(Backend, run.Model, rows, Options(tokens, packing));
        var reference = new ReferenceTransformer(run.Model.Configuration, run.Model.ReadAsDouble(Backend.ComputeType));
        var expected = reference.Run(rows, new ReferenceLoss { Type = LossType.Sft }, null).LogProbabilities;
        Assert.Multiple(() =>
        {
            Assert.That(scored.LogProbabilities.Select(value => (double)value), Is.EqualTo(expected).Within(OnGpu ? 0.1 : 1e-5));
            Assert.That(scored.Statistics.Tokens, Is.EqualTo(expected.Length));
            Assert.That(scored.Statistics.NegativeLogLikelihood, Is.EqualTo(-scored.LogProbabilities.Average(value => (double)value)).Within(1e-5));
            Assert.That(scored.Statistics.Histogram.Sum(), Is.EqualTo(expected.Length));
        });
    }

    /// <summary>The same row with every token of the vocabulary as its last label: their p are the distribution that the entropy is of.</summary>
    [Test]
    public void TheEntropyIsThatOfTheWholeDistribution()
    {
        using var run = new TinyRun();
        int[] ids = [5, 9, 3, 40, 7];
        var rows = Enumerable.Range(0, Vocabulary).Select(label => new TrainingRow(ids, [-100, -100, -100, -100, label])).ToList();
        var scored = TargetScorer.Run(Backend, run.Model, rows, Options(48, packing: true));
        var expected = -scored.LogProbabilities.Sum(value => Math.Exp(value) * value);
        Assert.Multiple(() =>
        {
            Assert.That(scored.LogProbabilities.Sum(value => Math.Exp(value)), Is.EqualTo(1).Within(1e-5));
            Assert.That(scored.Entropies.Select(value => (double)value), Is.All.EqualTo(expected).Within(1e-5));
            Assert.That(scored.MeanEntropy, Is.EqualTo(expected).Within(1e-5));
        });
    }

    /// <summary>What its passes take is there before the first, and there are no gradients among it.</summary>
    [Test]
    public void AModelThatScoresAllocatesNothingLaterAndNoGradients()
    {
        using var run = new TinyRun();
        var before = Backend.AllocatedBytes;
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(64) { Scoring = true, LossChunkRows = 16 });
        var allocated = Backend.AllocatedBytes;
        transformer.Evaluate(new MicroBatch(TinyRun.Rows(2), new TokenLossOptions(), []), TokenWeighting.Sft);
        Backend.Synchronize();
        Assert.Multiple(() =>
        {
            Assert.That(transformer.Gradients.IsEmpty);
            if (OnGpu) Assert.That(Backend.AllocatedBytes, Is.EqualTo(allocated).And.GreaterThan(before));
        });
    }

    [Test]
    public void RowsThatTheModelDoesNotHaveAreNamed()
    {
        using var run = new TinyRun();
        TrainingRow[] rows = [.. TinyRun.Rows(2), new([1, Vocabulary], [1, 1])];
        Assert.That(
            () => TargetScorer.Run(Backend, run.Model, rows, Options(64, packing: true)),
            Throws.TypeOf<DftNativeException>().With.Message.Contains("data, row 3: token id 64 is outside the model's vocabulary of 64"));
    }

    /// <summary>A row without a target among others, and one between two of them, leave no hole.</summary>
    [Test]
    public void RowsWithoutTargetsHaveNoScores()
    {
        using var run = new TinyRun();
        var rows = TinyRun.Rows(4);
        var alone = TargetScorer.Run(Backend, run.Model, [rows[0], rows[2]], Options(48, packing: false));
        var among = TargetScorer.Run(Backend, run.Model, [rows[0], TinyRun.WithoutTargets([rows[1]])[0], rows[2]], Options(48, packing: false));
        Assert.That(among.LogProbabilities, Is.EqualTo(alone.LogProbabilities));
        Assert.That(among.Entropies, Is.EqualTo(alone.Entropies));
    }

    private static TrainingOptions Options(int tokens, bool packing) => new() { MicroBatchTokens = tokens, Packing = packing };
}
