using System.Xml.Linq;
using DftNative.Reporting;

namespace DftNative.Tests.Reporting;

public sealed class HtmlReportTests
{
    [Test]
    public void ThePageIsWellFormedSelfContainedAndHasEverythingThatWasAdded()
    {
        var html = new HtmlReport("A <title> & more")
            .AddHeading("heading").AddParagraph("a < b")
            .AddTable(["model", "accuracy"], [["base", "62.5 %"], ["<DFT>", "100.0 %"]])
            .AddFoldedTable("numbers", ["step"], [["1"]])
            .AddListing([[("7+6=", false), ("14", true)]])
            .AddCharts(new BarChart("bars", "how to read", new ChartAxis("y"), [new Bar("a", SeriesColor.Cool, 1)]))
            .ToHtml();

        var page = XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);
        string[] Contents(string name) => [.. page.Descendants().Where(element => element.Name.LocalName == name).Select(element => element.Value)];
        Assert.Multiple(() =>
        {
            Assert.That(html, Does.StartWith("<!DOCTYPE html>"));
            Assert.That(Contents("h1"), Is.EqualTo(new[] { "A <title> & more" }));
            Assert.That(Contents("td"), Is.EqualTo(new[] { "62.5 %", "100.0 %" }));
            Assert.That(Contents("mark"), Is.EqualTo(new[] { "14" }));
            Assert.That(Contents("figcaption"), Is.EqualTo(new[] { "bars" }));
            Assert.That(Contents("p"), Is.EqualTo(new[] { "a < b", "how to read" }));
            Assert.That(Contents("script"), Is.Empty);
            Assert.That(html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal), Does.Not.Contain("http").And.Not.Contain("url(").And.Not.Contain("@import"));
            Assert.That(html, Does.Contain("prefers-color-scheme: dark").And.Contain("@media print").And.Contain("width=device-width"));
        });
    }

    [Test]
    public void AnElementLeftOpenIsAnError() =>
        Assert.That(() => new MarkupWriter().Open("p").ToString(), Throws.InvalidOperationException);
}
