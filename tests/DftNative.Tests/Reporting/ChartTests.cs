using System.Globalization;
using System.Xml.Linq;
using DftNative.Reporting;

namespace DftNative.Tests.Reporting;

public sealed class ChartTests
{
    private static readonly ChartAxis Step = new("step");
    private static readonly ChartAxis Loss = new("loss");

    [Test]
    public void ALineChartHasALineABandAndAMarkWithItsNumbersForEveryPoint()
    {
        var svg = Parse(Lines(new LineSeries("DFT", SeriesColor.Cool, [new(0, 1, 0.5, 1.5), new(10, 2, 1.5, 2.5), new(20, 3, 2.5, 3.5)])));

        Assert.Multiple(() =>
        {
            Assert.That(WithClass(svg, "polyline", "line cool").Single().Attribute("points")!.Value.Split(' '), Has.Length.EqualTo(3));
            Assert.That(WithClass(svg, "polygon", "band cool").Single().Attribute("points")!.Value.Split(' '), Has.Length.EqualTo(6));
            Assert.That(WithClass(svg, "circle", "mark cool").Select(mark => mark.Value), Is.EqualTo(new[]
            {
                "DFT, step 0: 1.000 (0.500 to 1.500)", "DFT, step 10: 2.000 (1.500 to 2.500)", "DFT, step 20: 3.000 (2.500 to 3.500)",
            }));
            Assert.That(Texts(svg), Does.Contain("DFT").And.Contain("step").And.Contain("loss").And.Contain("20").And.Not.Contain("no data"));
        });
    }

    [Test]
    public void HigherValuesLieHigherAndLaterOnesToTheRight()
    {
        var marks = WithClass(Parse(Lines(new LineSeries("a", SeriesColor.Warm, [new(0, 1), new(10, 5)]))), "circle", "mark warm").ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(Coordinate(marks[1], "cx"), Is.GreaterThan(Coordinate(marks[0], "cx")));
            Assert.That(Coordinate(marks[1], "cy"), Is.LessThan(Coordinate(marks[0], "cy")));
        });
    }

    [Test]
    public void APointThatIsNotFiniteInterruptsItsLine()
    {
        var svg = Parse(Lines(new LineSeries("a", SeriesColor.Warm,
            [new(0, 1), new(1, 2), new(2, double.NaN), new(3, 3), new(4, double.PositiveInfinity), new(5, 4), new(6, 5)])));

        Assert.Multiple(() =>
        {
            Assert.That(WithClass(svg, "polyline", "line warm").Count(), Is.EqualTo(2), "The single point between two gaps has no line.");
            Assert.That(WithClass(svg, "circle", "mark warm").Count(), Is.EqualTo(5));
            Assert.That(svg.ToString(), Does.Not.Contain("NaN").And.Not.Contain("Infinity").And.Not.Contain("∞"));
        });
    }

    [Test]
    public void AChartWithoutADrawablePointSaysSo()
    {
        Chart[] charts =
        [
            Lines(),
            Lines(new LineSeries("a", SeriesColor.Warm, [])),
            Lines(new LineSeries("a", SeriesColor.Warm, [new(double.NaN, 1), new(1, double.NaN)])),
            new BarChart("bars", "", Loss, []),
            Histogram(AxisScale.Linear),
            Histogram(AxisScale.Logarithmic, 0, 0, double.NaN),
        ];

        foreach (var chart in charts) Assert.That(Texts(Parse(chart)), Does.Contain("no data"));
    }

    [Test]
    public void ASeriesOfOnePointIsAMarkInsideThePlot([Values(0.0, -3.0, 1e-9, 4e12)] double value)
    {
        var mark = WithClass(Parse(Lines(new LineSeries("a", SeriesColor.Warm, [new(5, value)]))), "circle", "mark warm").Single();

        Assert.Multiple(() =>
        {
            Assert.That(Coordinate(mark, "cx"), Is.InRange(0, 400));
            Assert.That(Coordinate(mark, "cy"), Is.InRange(0, 260));
        });
    }

    [Test]
    public void ManyPointsHaveTheirNumbersWithoutMarksOverTheLine()
    {
        var svg = Parse(Lines(new LineSeries("a", SeriesColor.Warm, [.. Enumerable.Range(0, 200).Select(i => new ChartPoint(i, i % 7))])));

        Assert.That(WithClass(svg, "circle", "hover warm").Count(), Is.EqualTo(200));
    }

    [Test]
    public void AHistogramDrawsSharesAndLeavesEmptyBinsOut()
    {
        var bars = WithClass(Parse(Histogram(AxisScale.Linear, 1, 0, 3)), "rect", "bar cool").ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(bars, Has.Length.EqualTo(2));
            Assert.That(Coordinate(bars[1], "height"), Is.EqualTo(3 * Coordinate(bars[0], "height")).Within(0.05));
            Assert.That(bars[1].Value, Is.EqualTo("p 0.667 to 1.000: 75.0 %"));
        });
    }

    [Test]
    public void ALogarithmicHistogramKeepsRareBinsVisible()
    {
        var svg = Parse(Histogram(AxisScale.Logarithmic, 1, 0, 9999));
        var bars = WithClass(svg, "rect", "bar cool").ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(Coordinate(bars[0], "height"), Is.EqualTo(Coordinate(bars[1], "height") / 5).Within(0.05), "One decade above the axis's start, against five.");
            Assert.That(Texts(svg), Does.Contain("100 %").And.Contain("0.01 %").And.Contain("0.001 %"));
        });
    }

    [Test]
    public void ABarHasItsValueAndInterval()
    {
        var svg = Parse(new BarChart("bars", "", Loss with { Format = TickFormat.Percent, Minimum = 0, Maximum = 1 },
            [new Bar("base", SeriesColor.Neutral, 0.625, 0.6, 0.65), new Bar("none", SeriesColor.Warm, double.NaN)]));

        Assert.Multiple(() =>
        {
            Assert.That(WithClass(svg, "rect", "bar neutral").Single().Value, Is.EqualTo("base: 62.5 % (60.0 % to 65.0 %)"));
            Assert.That(svg.Descendants().Count(element => (string?)element.Attribute("class") == "interval"), Is.EqualTo(1));
            Assert.That(Texts(svg), Does.Contain("62.5 %").And.Contain("none"));
        });
    }

    [Test]
    public void BarsLieUnderEachOtherWhereTheirNamesAreLong()
    {
        Bar[] bars = [.. Enumerable.Range(0, 4).Select(i => new Bar($"a rather long name {i}", SeriesColor.Cool, i + 1, i + 0.5, i + 1.5))];
        var svg = Parse(new BarChart("bars", "", Loss, bars));
        var drawn = WithClass(svg, "rect", "bar cool").ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(drawn.Select(bar => Coordinate(bar, "width") / Coordinate(drawn[0], "width")), Is.EqualTo(new[] { 1.0, 2, 3, 4 }).Within(0.001));
            Assert.That(drawn.Select(bar => Coordinate(bar, "y")), Is.Ordered.Ascending);
            Assert.That(drawn[1].Value, Is.EqualTo("a rather long name 1: 2.00 (1.50 to 2.50)"));
        });
    }

    [Test]
    public void ALegendThatNeedsRowsLeavesThePlotItsHeight()
    {
        double[] heights = [.. new[] { 1, 6 }.Select(count =>
        {
            var svg = Parse(Lines([.. Enumerable.Range(0, count).Select(i => new LineSeries($"a series with a long name {i}", SeriesColor.Gold, [new(0, 0), new(1, 1)]))]));
            var grid = WithClass(svg, "line", "grid").Select(line => Coordinate(line, "y1")).ToArray();
            return grid.Max() - grid.Min();
        })];
        Assert.That(heights[1], Is.EqualTo(heights[0]));
    }

    [Test]
    public void HistogramsOfOneChartShareTheirBins()
    {
        var svg = Parse(new HistogramChart("two", "", new ChartAxis("p") { Minimum = 0, Maximum = 1 }, new ChartAxis("share"),
            [new HistogramSeries("base", SeriesColor.Neutral, [1, 3]), new HistogramSeries("tuned", SeriesColor.Cool, [0, 8])]));
        XElement[] before = [.. WithClass(svg, "rect", "bar neutral grouped").Where(bar => bar.Value.Length > 0)], after = [.. WithClass(svg, "rect", "bar cool grouped").Where(bar => bar.Value.Length > 0)];

        Assert.Multiple(() =>
        {
            Assert.That((before.Length, after.Length), Is.EqualTo((2, 1)));
            Assert.That(after[0].Value, Is.EqualTo("tuned, p 0.500 to 1.000: 1.000"));
            Assert.That(Coordinate(after[0], "x"), Is.EqualTo(Coordinate(before[1], "x") + Coordinate(before[1], "width")).Within(0.02));
            Assert.That(Texts(svg), Does.Contain("base").And.Contain("tuned"));
            Assert.That(HistogramChart.MergeBins([1, 2, 3, 4], 2), Is.EqualTo(new[] { 3.0, 7.0 }));
            Assert.That(() => HistogramChart.MergeBins([1, 2, 3], 2), Throws.ArgumentException);
            Assert.That(() => new HistogramChart("", "", new ChartAxis("p") { Minimum = 0, Maximum = 1 }, Loss, [new HistogramSeries("", SeriesColor.Cool, [1]), new HistogramSeries("", SeriesColor.Cool, [1, 2])]), Throws.ArgumentException);
        });
    }

    /// <summary>Means of one learning rate differ in their last bits; the axis does not enlarge that.</summary>
    [Test]
    public void RoundingIsNoRange()
    {
        var svg = Parse(Lines(new LineSeries("", SeriesColor.Cool, [new(0, 1e-5), new(1, 1e-5 * (1 + 1e-14))])));
        Assert.That(WithClass(svg, "circle", "mark cool").Select(mark => Coordinate(mark, "cy")).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Texts(svg).Distinct().Count(), Is.EqualTo(Texts(svg).Length), "No tick is labelled twice.");
    }

    [Test]
    public void TextCannotBreakOutOfTheChart()
    {
        var svg = Parse(new LineChart("<script>\"&'", "", new ChartAxis("a<b"), new ChartAxis("\u0001 & \uD800"),
            [new LineSeries("</svg><script>", SeriesColor.Warm, [new(0, 0)])]));

        Assert.Multiple(() =>
        {
            Assert.That(svg.Attribute("aria-label")!.Value, Is.EqualTo("<script>\"&'"));
            Assert.That(svg.Descendants().Select(element => element.Name.LocalName), Does.Not.Contain("script"));
            Assert.That(Texts(svg), Does.Contain("a<b").And.Contain("\uFFFD & \uFFFD").And.Contain("</svg><script>"));
        });
    }

    private static LineChart Lines(params LineSeries[] series) => new("lines", "", Step, Loss, series);

    private static HistogramChart Histogram(AxisScale scale, params double[] counts) => new(
        "histogram", "", new ChartAxis("p") { Minimum = 0, Maximum = 1 }, new ChartAxis("share") { Scale = scale, Format = TickFormat.Percent }, SeriesColor.Cool, counts);

    private static XElement Parse(Chart chart) => XElement.Parse(chart.ToSvg());

    private static IEnumerable<XElement> WithClass(XElement svg, string name, string style) =>
        svg.Descendants().Where(element => element.Name.LocalName == name && (string?)element.Attribute("class") == style);

    private static string[] Texts(XElement svg) =>
        [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

    private static double Coordinate(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
