using System.Reflection;
using DftNative.Reporting;

namespace DftNative.Experiments;

/// <summary>A comparison's main charts side by side in one SVG file, for a page that is not the report: a README, a paper.</summary>
public static class ComparisonPicture
{
    private const int ChartWidth = 480, ChartHeight = 300, Gap = 20, TitleHeight = 30;
    private const string StyleSheet = "DftNative.Reporting.report.css";

    /// <summary>The file's text: each batch size's learning rates, then the learning curves of the best settings.</summary>
    public static string ToSvg(Comparison comparison)
    {
        var charts = new ComparisonCharts(comparison);
        LineChart[] shown = [.. charts.LearningRates(), charts.BestCurves()];
        var (width, height) = (shown.Length * (ChartWidth + Gap) - Gap, ChartHeight + TitleHeight);
        var picture = new MarkupWriter().Open("svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", FormattableString.Invariant($"0 0 {width} {height}")))
            .Open("style").Raw(ReadStyleSheet()).Raw("svg { background: var(--page); font-family: system-ui, sans-serif; }").Close();
        for (var i = 0; i < shown.Length; i++)
        {
            picture.NewLine().Open("g", ("class", "chart"), ("transform", FormattableString.Invariant($"translate({i * (ChartWidth + Gap)} 0)")))
                .Element("text", shown[i].Title, ("class", "value"), ("x", FormattableString.Invariant($"{ChartWidth / 2}")), ("y", "20"), ("text-anchor", "middle"))
                .Open("g", ("transform", $"translate(0 {TitleHeight})")).Raw(Inside(shown[i].ToSvg())).Close().Close();
        }

        return picture.NewLine().Close().NewLine().ToString();
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
