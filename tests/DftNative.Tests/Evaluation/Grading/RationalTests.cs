using System.Numerics;
using DftNative.Evaluation.Grading.Arithmetic;

namespace DftNative.Tests.Evaluation.Grading;

internal sealed class RationalTests
{
    [TestCase(6, -4, -3, 2)]
    [TestCase(-6, -4, 3, 2)]
    [TestCase(0, -5, 0, 1)]
    [TestCase(7, 1, 7, 1)]
    public void IsInLowestTerms(int numerator, int denominator, int reducedNumerator, int reducedDenominator)
    {
        var value = new Rational(numerator, denominator);
        Assert.That((value.Numerator, value.Denominator), Is.EqualTo((new BigInteger(reducedNumerator), new BigInteger(reducedDenominator))));
    }

    [Test]
    public void HasNoZeroDenominator() => Assert.That(() => new Rational(1, 0), Throws.TypeOf<DivideByZeroException>());

    [TestCase(7, 2, 3)]
    [TestCase(-7, 2, -4)]
    [TestCase(-4, 2, -2)]
    [TestCase(0, 3, 0)]
    public void FloorIsNotAbove(int numerator, int denominator, int expected) =>
        Assert.That(new Rational(numerator, denominator).Floor(), Is.EqualTo(new BigInteger(expected)));

    [Test]
    public void ArithmeticIsExact()
    {
        var (third, half) = (new Rational(1, 3), new Rational(1, 2));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(third + half, Is.EqualTo(new Rational(5, 6)));
            Assert.That(third - half, Is.EqualTo(new Rational(-1, 6)));
            Assert.That(third * half, Is.EqualTo(new Rational(1, 6)));
            Assert.That(third / half, Is.EqualTo(new Rational(2, 3)));
            Assert.That((-third).Abs(), Is.EqualTo(third));
            Assert.That(third.Pow(-3), Is.EqualTo(new Rational(27)));
            Assert.That(Rational.PowerOfTen(-2), Is.EqualTo(new Rational(1, 100)));
            Assert.That(third < half && half > third && third <= half && half >= third && third != half, Is.True);
            Assert.That(half < third || third > half || half <= third || third >= half || third == half, Is.False);
            Assert.That(new Rational(2, 6) <= third && new Rational(2, 6) >= third && new Rational(2, 6) == third, Is.True);
        }
    }

    // 10^400 is past double's range, and so are numerator and denominator of the second.
    [Test]
    public void BecomesTheNearestDouble()
    {
        var large = BigInteger.Pow(10, 400);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new Rational(large).ToDouble(), Is.EqualTo(double.PositiveInfinity));
            Assert.That(new Rational(large + 1, 3 * large).ToDouble(), Is.EqualTo(1.0 / 3.0).Within(1).Ulps);
            Assert.That(new Rational(-1, 7).ToDouble(), Is.EqualTo(-1.0 / 7.0).Within(1).Ulps);
            Assert.That(new Rational(large, 3).ToDouble(), Is.EqualTo(double.PositiveInfinity));
        }
    }
}
