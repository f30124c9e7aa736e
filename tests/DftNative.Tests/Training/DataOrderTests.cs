using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>The order of rows: a permutation, a function of (seed, epoch, position) alone, without bias.</summary>
public sealed class DataOrderTests
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(1000)]
    public void EachEpochIsAPermutation(int count)
    {
        var order = new DataOrder(seed: 3, count);
        for (var epoch = 0; epoch < 3; epoch++) Assert.That(Read(order, epoch, count).Order(), Is.EqualTo(Enumerable.Range(0, count)));
    }

    [Test]
    public void DoesNotDependOnWhatWasReadBefore()
    {
        var straight = new DataOrder(5, 50);
        var jumping = new DataOrder(5, 50);
        var expected = Read(straight, 2, 50);
        _ = jumping[7, 3];
        Assert.That(jumping[2, 11], Is.EqualTo(expected[11]));
    }

    [Test]
    public void SeedsAndEpochsDiffer()
    {
        var first = Read(new DataOrder(1, 100), 0, 100);
        Assert.Multiple(() =>
        {
            Assert.That(Read(new DataOrder(2, 100), 0, 100), Is.Not.EqualTo(first));
            Assert.That(Read(new DataOrder(1, 100), 1, 100), Is.Not.EqualTo(first));
            Assert.That(first, Is.Not.Ordered);
        });
    }

    [Test]
    public void EveryPermutationOfThreeIsAsLikely()
    {
        const int Trials = 6000;
        var counts = Enumerable.Range(0, Trials).Select(seed => string.Concat(Read(new DataOrder(seed, 3), 0, 3))).CountBy(order => order).ToList();
        // The chi-squared statistic of 5 degrees of freedom is above 20.5 once in a thousand.
        var chiSquared = counts.Sum(count => Math.Pow(count.Value - (Trials / 6.0), 2) / (Trials / 6.0));
        Assert.Multiple(() =>
        {
            Assert.That(counts, Has.Count.EqualTo(6));
            Assert.That(chiSquared, Is.LessThan(20.5));
        });
    }

    private static int[] Read(DataOrder order, int epoch, int count) => [.. Enumerable.Range(0, count).Select(position => order[epoch, position])];
}
