using DftNative.Data;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Rows checked against the model, cut, counted.</summary>
public sealed class PreparedRowsTests
{
    private static readonly TrainingRow Good = new([1, 2, 3, 4], [-100, -100, 3, 4]);

    [Test]
    public void LongRowsAreCutFromTheRight()
    {
        var prepared = Prepare([Good with { TokenWeights = [1, 1, 2, 3] }], maxLength: 3);
        Assert.Multiple(() =>
        {
            Assert.That(prepared.TruncatedCount, Is.EqualTo(1));
            Assert.That(prepared.Rows[0].InputIds, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(prepared.Rows[0].Labels, Is.EqualTo(new[] { -100, -100, 3 }));
            Assert.That(prepared.Rows[0].TokenWeights, Is.EqualTo(new[] { 1f, 1, 2 }));
        });
    }

    [Test]
    public void LongRowsAreLeftOutWhereAsked()
    {
        var prepared = Prepare([Good, new([1, 2], [1, 2])], maxLength: 3, MaxLengthAction.Drop);
        Assert.That((prepared.Rows.Count, prepared.DroppedCount, prepared.LongestLength), Is.EqualTo((1, 1, 2)));
    }

    [Test]
    public void RowsWithoutTargetsAreCounted() =>
        Assert.That(Prepare([Good, new([1, 2], [1, -100]), new([5], [5])]).WithoutTargetCount, Is.EqualTo(2));

    [Test]
    public void BadRowsAreRefusedByTheirNumber()
    {
        AssertRefused([Good, new([1, 64], [1, 2])], "row 2", "token id 64", "vocabulary of 64");
        AssertRefused([Good, new([1, -1], [1, 2])], "row 2", "token id -1");
        AssertRefused([new([1, 2], [1, 64])], "row 1", "label 64");
        AssertRefused([new([1, 2], [1, -7])], "row 1", "label -7");
        AssertRefused([new([1, 2], [1])], "row 1", "1 labels for 2 tokens");
        AssertRefused([new([1, 2], [1, 2], [1f])], "row 1", "1 token_weights for 2 tokens");
        AssertRefused([new([1, 2], [1, 2], [1f, float.NaN])], "row 1", "not finite");
        AssertRefused([new([], [])], "row 1", "no tokens");
    }

    [Test]
    public void NothingToLearnIsRefused()
    {
        AssertRefused([], "no rows");
        AssertRefused([new([1, 2], [-100, -100])], "token to learn");
        var exception = Assert.Throws<DftNativeException>(() => Prepare([Good], maxLength: 3, MaxLengthAction.Drop));
        Assert.That(exception!.Message, Does.Contain("longer than max_length 3"));
    }

    [Test]
    public void TheFingerprintIsOfEverythingThatCounts()
    {
        TrainingRow[][] variants =
        [
            [Good], [Good with { InputIds = [1, 2, 3, 5] }], [Good with { Labels = [-100, 2, 3, 4] }], [Good with { TokenWeights = [1, 1, 1, 1] }],
            [Good, Good], [new([1, 2], [-100, 2]), new([3, 4], [-100, 4])], [new([3, 4], [-100, 4]), new([1, 2], [-100, 2])],
        ];
        Assert.Multiple(() =>
        {
            Assert.That(variants.Select(rows => Prepare(rows).ComputeFingerprint()), Is.Unique);
            Assert.That(Prepare([Good]).ComputeFingerprint(), Is.EqualTo(Prepare([Good with { InputIds = [1, 2, 3, 4] }]).ComputeFingerprint()));
        });
    }

    private static PreparedRows Prepare(TrainingRow[] rows, int maxLength = 10, MaxLengthAction action = MaxLengthAction.Truncate) =>
        PreparedRows.Create(rows, vocabularySize: 64, maxLength, action, "training data");

    private static void AssertRefused(TrainingRow[] rows, params string[] parts)
    {
        var exception = Assert.Throws<DftNativeException>(() => Prepare(rows));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        foreach (var part in parts) Assert.That(exception.Message, Does.Contain(part));
    }
}
