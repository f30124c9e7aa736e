using DftNative.Reference;

namespace DftNative.Tests.Reference;

[TestFixture]
internal sealed class RelativeErrorTests
{
    [Test]
    public void IsTheNormOfTheDifferenceOverTheNormOfTheReference()
    {
        double[] reference = [3, 4];
        float[] values = [3, 4.5f];
        Assert.That(RelativeError.Of(reference, values), Is.EqualTo(0.1));
        Assert.That(RelativeError.Of(reference, [0.0, 0.0]), Is.EqualTo(1));
        Assert.That(RelativeError.Of(reference, reference), Is.Zero);
    }

    [Test]
    public void IsAbsoluteWhereTheReferenceIsZero()
    {
        Assert.That(RelativeError.Of([0.0, 0.0], [3.0, 4.0]), Is.EqualTo(5));
        Assert.That(RelativeError.Of([0.0, 0.0], [0.0, 0.0]), Is.Zero);
        Assert.That(RelativeError.Of([], ReadOnlySpan<float>.Empty), Is.Zero);
    }

    [TestCase(double.NaN, 1)]
    [TestCase(1, double.NaN)]
    public void NaNOnEitherSidePassesNoTolerance(double reference, double value) =>
        Assert.That(RelativeError.Of([reference, 2], [value, 2]), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void RefusesOtherLengths() => Assert.That(() => RelativeError.Of([1.0], [1.0, 2.0]), Throws.ArgumentException);
}
