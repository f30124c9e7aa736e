using System.Xml.Linq;
using DftNative.Demo;
using DftNative.Losses;

namespace DftNative.Tests.Demo;

public sealed class DemoReportTests
{
    [Test]
    public void TheReportHoldsTheNumbersOfTheRun()
    {
        var html = DemoReport.ToHtml(Result());

        var page = XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);
        Assert.Multiple(() =>
        {
            Assert.That(page.Descendants().Count(element => element.Name.LocalName == "svg"), Is.EqualTo(7));
            Assert.That(html, Does.Contain("62.5 ± 2.4\u00A0%").And.Contain("49.8 ± 2.5\u00A0%").And.Contain("99.5 ± 0.4\u00A0%"));
            Assert.That(page.Descendants("mark").Select(mark => mark.Value), Is.EqualTo(new[] { "2+5+1=18;", "06883", "06784" }));
            Assert.That(page.Value, Does.Contain("Seed 7").And.Contain("6,400 demonstrations").And.Contain("15 % are wrong"));
        });
    }

    internal static DemoResult Result()
    {
        var problem = new AdditionProblem(4827, 1956);
        return new DemoResult(
            new DemoSettings { Seed = 7 }, "CPU <test>", 328_960,
            [Model("base", 250, 400, 0.09), Model("sft", 199, 399, 0.12), Model("dft", 398, 400, 0.004)],
            problem, (problem, "7+6+0=13;2+5+1=18;8+9+1=18;4+1+1=06;06883"), 41.5);
    }

    private static DemoModelResult Model(string name, int correct, int greedy, double nll)
    {
        var histogram = new double[TokenLossStatistics.HistogramBins];
        histogram[^1] = 16000;
        histogram[54] = 1000;
        histogram[3] = name == "dft" ? 3 : 40;
        DemoCurvePoint Point(int step) => name == "dft"
            ? new DemoCurvePoint(step, 1 - 0.4 * Math.Exp(-step / 20.0), 100, 0.09 * Math.Exp(-step / 15.0), step == 0 ? double.NaN : 0.2, 0.01)
            : new DemoCurvePoint(step, 0.5 + 0.1 * Math.Exp(-step / 30.0), 100, 0.12, step == 0 ? double.NaN : 0.11, 0.11);
        var solution = WorkedAddition.Solve(new AdditionProblem(4827, 1956));
        return new DemoModelResult(
            name, 400, correct, greedy, new TokenLossStatistics(17_043, nll * 17_043, nll * 17_043, 17_043 * 0.97, 17_000, histogram),
            name == "base" ? 0 : 12.5, name == "base" ? 0 : 326_400, name == "base" ? [] : [.. Enumerable.Range(0, 11).Select(i => Point(i * 20))],
            name == "sft" ? solution[..^1] + "4" : solution);
    }
}
