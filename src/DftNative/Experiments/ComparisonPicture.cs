using System.Globalization;
using System.Reflection;
using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>A comparison's main charts in one SVG file, for a page that is not the report: a README, a paper.</summary>
public static class ComparisonPicture
{
    private const int ChartWidth = ChartFrame.Width, Gap = 20, TitleHeight = 30, Columns = 2;
    private static readonly string SizeAttribute = FormattableString.Invariant($"viewBox=\"0 0 {ChartWidth} ");
    private const string StyleSheet = "DftNative.Reporting.report.css";

    /// <summary>The file's text: each loss at its best setting, after and during training, then each batch size's learning rates.</summary>
    public static string ToSvg(Comparison comparison)
    {
        var charts = new ComparisonCharts(comparison);
        Chart[] shown = [charts.BestSettings(), charts.BestCurves(), .. charts.LearningRates()];
        var drawings = shown.Select(chart => (chart.Title, Svg: chart.ToSvg())).Chunk(Columns).ToArray();
        var body = new MarkupWriter();
        double top = 0;
        foreach (var row in drawings)
        {
            for (var column = 0; column < row.Length; column++) Draw(body, row[column].Title, row[column].Svg, column * (ChartWidth + Gap), top);
            top += TitleHeight + row.Max(drawing => HeightOf(drawing.Svg));
        }

        var width = (Math.Min(Columns, shown.Length) * (ChartWidth + Gap)) - Gap;
        return new MarkupWriter().Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", FormattableString.Invariant($"0 0 {width} {top}")))
            .Open("style").Raw(ReadStyleSheet()).Raw("svg { background: var(--page); font-family: system-ui, sans-serif; }").Close()
            .Raw(body.ToString()).NewLine().Close().NewLine().ToString();
    }

    private static void Draw(MarkupWriter body, string title, string svg, double left, double top) =>
        body.NewLine().Open("g", ("class", "chart"), ("transform", FormattableString.Invariant($"translate({left} {top})")))
            .Element("text", title, ("class", "value"), ("x", FormattableString.Invariant($"{ChartWidth / 2}")), ("y", "20"), ("text-anchor", "middle"))
            .Open("g", ("transform", FormattableString.Invariant($"translate(0 {TitleHeight})"))).Raw(Inside(svg)).Close().Close();

    private static double HeightOf(string svg)
    {
        var start = svg.IndexOf(SizeAttribute, StringComparison.Ordinal) + SizeAttribute.Length;
        return double.Parse(svg.AsSpan(start, svg.IndexOf('"', start) - start), CultureInfo.InvariantCulture);
    }

    /// <summary>What stands in an element's outer tags: a nested drawing would take its size from the page's style sheet.</summary>
    private static string Inside(string svg) => svg[(svg.IndexOf('>') + 1)..svg.LastIndexOf('<')];

    private static string ReadStyleSheet()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(StyleSheet) ?? throw new InvalidOperationException("The report's style sheet is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
