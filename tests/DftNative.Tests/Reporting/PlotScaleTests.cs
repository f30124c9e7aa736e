using DftNative.Reporting;

namespace DftNative.Tests.Reporting;

public sealed class PlotScaleTests
{
    [TestCase(0, 1, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [TestCase(0, 300, "0 50 100 150 200 250 300")]
    [TestCase(0.013, 0.087, "0.00 0.02 0.04 0.06 0.08 0.10")]
    [TestCase(-7, 12, "-10 -5 0 5 10 15")]
    [TestCase(1e-7, 5e-7, "1e-7 2e-7 3e-7 4e-7 5e-7")]
    public void TicksAreRoundAndHoldTheData(double low, double high, string expected)
    {
        var scale = new PlotScale(new ChartAxis("x"), [low, high]);

        Assert.Multiple(() =>
        {
            Assert.That(string.Join(' ', scale.Ticks.Select(scale.FormatTick)), Is.EqualTo(expected));
            Assert.That(scale.Position(low), Is.InRange(0, 1));
            Assert.That(scale.Position(scale.Ticks[0]), Is.EqualTo(0).Within(1e-9));
            Assert.That(scale.Position(scale.Ticks[^1]), Is.EqualTo(1).Within(1e-9));
        });
    }

    [Test]
    public void ALogarithmicAxisIsMarkedAtPowersOfTen()
    {
        var scale = new PlotScale(new ChartAxis("x") { Scale = AxisScale.Logarithmic }, [0, -1, 0.004, 0.7]);

        Assert.Multiple(() =>
        {
            Assert.That(scale.Ticks, Is.EqualTo(new[] { 0.001, 0.01, 0.1, 1 }).Within(1e-12));
            Assert.That(scale.Position(0.1), Is.EqualTo(2.0 / 3).Within(1e-9));
            Assert.That(scale.Position(0), Is.Zero);
        });
    }

    [Test]
    public void ValuesBeyondAGivenBoundLieAtIt()
    {
        var scale = new PlotScale(new ChartAxis("x") { Minimum = 0, Maximum = 1, Format = TickFormat.Percent }, [-4, 9]);

        Assert.Multiple(() =>
        {
            Assert.That(scale.Position(9), Is.EqualTo(1));
            Assert.That(scale.Position(-4), Is.EqualTo(0));
            Assert.That(scale.FormatTick(0.2), Is.EqualTo("20 %"));
        });
    }
}
