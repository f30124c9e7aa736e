using DftNative.Data;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Rows that the model can take, and those that it cannot.</summary>
public sealed class CheckedRowsTests
{
    private static readonly TrainingRow Good = new([1, 2, 3, 4], [-100, -100, 3, 4]);

    [Test]
    public void RowsWithoutTargetsAreCounted() =>
        Assert.That(Check([Good, new([1, 2], [1, -100]), new([5], [5])]).WithoutTargetCount, Is.EqualTo(2));

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
        AssertRefused([Good with { InputIds = new int[11], Labels = new int[11] }], "row 1", "11 tokens", "max_length 10");
        AssertRefused([Good, OfLength(8), OfLength(9)], "row 3", "9 tokens", "8 positions", "set max_length to 8");
    }

    [Test]
    public void NothingToLearnIsRefused()
    {
        AssertRefused([], "no rows");
        AssertRefused([new([1, 2], [-100, -100])], "token to learn");
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
            Assert.That(variants.Select(rows => Check(rows).ComputeFingerprint()), Is.Unique);
            Assert.That(Check([Good]).ComputeFingerprint(), Is.EqualTo(Check([Good with { InputIds = [1, 2, 3, 4] }]).ComputeFingerprint()));
        });
    }

    private static TrainingRow OfLength(int length) => new(new int[length], new int[length]);

    private static CheckedRows Check(TrainingRow[] rows) => CheckedRows.Create(rows, vocabularySize: 64, positionCount: 8, maxLength: 10, "training data");

    private static void AssertRefused(TrainingRow[] rows, params string[] parts)
    {
        var exception = Assert.Throws<DftNativeException>(() => Check(rows));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        foreach (var part in parts) Assert.That(exception.Message, Does.Contain(part));
    }
}
