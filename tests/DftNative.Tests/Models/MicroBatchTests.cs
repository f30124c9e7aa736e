using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Tests.Models;

/// <summary>
/// What packing hands to the device. RoPE is relative, so no gradient shows positions that run on across documents;
/// they are compared here.
/// </summary>
public sealed class MicroBatchTests
{
    private const int Eos = 9;

    private static readonly TrainingRow[] Rows =
    [
        new([4, 5, 6], [4, 5, 6]),
        new([7], [7]),
        new([1, 2, Eos], [-100, 2, Eos], [3f, 0.5f, 2f]),
    ];

    [Test]
    public void EachDocumentBeginsAtPosition0()
    {
        var batch = new MicroBatch(Rows, new TokenLossOptions(), [Eos]);
        Assert.Multiple(() =>
        {
            Assert.That(batch.Tokens, Is.EqualTo(new[] { 4, 5, 6, 7, 1, 2, Eos }));
            Assert.That(batch.Positions, Is.EqualTo(new[] { 0, 1, 2, 0, 0, 1, 2 }));
            Assert.That(batch.DocumentStarts, Is.EqualTo(new[] { 0, 3, 4, 7 }));
        });
    }

    [Test]
    public void ATargetIsPredictedFromTheTokenBeforeItAndNeverFromAnotherDocument()
    {
        var batch = new MicroBatch(Rows, new TokenLossOptions { EosWeight = 0.25f }, [Eos]);
        Assert.Multiple(() =>
        {
            Assert.That(batch.TargetRows, Is.EqualTo(new[] { 0, 1, 4, 5 }));
            Assert.That(batch.Targets, Is.EqualTo(new[] { 5, 6, 2, Eos }));
            Assert.That(batch.StaticWeights, Is.EqualTo(new[] { 1f, 1f, 0.5f, 0.5f }), "the last: 2 of the data, 0.25 of eos_weight");
            Assert.That(batch.IsStatic, Is.EqualTo(new[] { 0, 0, 0, 1 }));
        });
    }
}
