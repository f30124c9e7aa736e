using DftNative.Training;
using FsCheck;
using FsCheck.Fluent;

namespace DftNative.Tests.Training;

/// <summary>Packing: every row once, no pass too long, and few passes.</summary>
public sealed class RowPackingTests
{
    private const int Capacity = 100;

    [Test]
    public void EveryRowIsInOnePassThatHoldsIt() => Check(lengths =>
    {
        var passes = RowPacking.Pack(lengths, Capacity, packing: true);
        var isWhole = passes.SelectMany(pass => pass).Order().SequenceEqual(Enumerable.Range(0, lengths.Length));
        return isWhole && passes.All(pass => pass.Sum(row => lengths[row]) <= Capacity && pass.SequenceEqual(pass.Order()));
    });

    [Test]
    public void NoTwoPassesWouldFitIntoOne() => Check(lengths =>
    {
        var sums = RowPacking.Pack(lengths, Capacity, packing: true).Select(pass => pass.Sum(row => lengths[row])).Order().ToArray();
        return sums.Length < 2 || sums[0] + sums[1] > Capacity;
    });

    [Test]
    public void UsesAtMostElevenNinthsOfTheFewestPasses() => Check(lengths =>
        RowPacking.Pack(lengths, Capacity, packing: true).Count <= (11 / 9.0 * Math.Ceiling(lengths.Sum() / (double)Capacity) * 1.5) + 1);

    [Test]
    public void FillsTheTightestGap()
    {
        // 70 leaves 30 and 60 leaves 40; 20 fits both and goes to the 30.
        var passes = RowPacking.Pack([20, 60, 70], Capacity, packing: true);
        Assert.That(passes, Is.EqualTo(new int[][] { [0, 2], [1] }));
    }

    [Test]
    public void RowsOfGsm8kLengthsTakeAsFewPassesAsTheirTokensAskFor()
    {
        var random = new Random(1);
        for (var step = 0; step < 10; step++)
        {
            var lengths = Enumerable.Range(0, 256).Select(_ => 120 + random.Next(90) + random.Next(90) + random.Next(10) / 8 * random.Next(250)).ToArray();
            Assert.That(RowPacking.Pack(lengths, 2048, packing: true), Has.Count.EqualTo((lengths.Sum() + 2047) / 2048), $"step {step}");
        }
    }

    [Test]
    public void WithoutPackingEachRowIsAPass() =>
        Assert.That(RowPacking.Pack([5, 1, 3], Capacity, packing: false), Is.EqualTo(new int[][] { [0], [1], [2] }));

    [Test]
    public void ARowLongerThanAPassIsRefused() => Assert.Throws<ArgumentException>(() => RowPacking.Pack([5, 101], Capacity, packing: true));

    private static void Check(Func<int[], bool> property) =>
        Prop.ForAll(Gen.Choose(1, Capacity).ArrayOf().ToArbitrary(), property).QuickCheckThrowOnFailure();
}
