using System.Globalization;
using System.Reflection;

namespace DftNative.Reporting;

/// <summary>
/// A report as one HTML file that needs nothing else: no network, no script, its charts inline as SVG. Follows the
/// reader's light or dark preference; legible on a phone and in print.
/// </summary>
public sealed class HtmlReport
{
    /// <summary>Where the shade of a token changes: finer where p is near an end.</summary>
    private static readonly double[] ProbabilityLevels = [0.01, 0.1, 0.5, 0.9, 0.99];

    private static readonly Lazy<string> StyleSheet = new(ReadStyleSheet);

    private readonly MarkupWriter body = new();
    private readonly string title;

    /// <summary>An empty report.</summary>
    public HtmlReport(string title) => this.title = title;

    /// <summary>A heading.</summary>
    public HtmlReport AddHeading(string text)
    {
        body.NewLine().Element("h2", text);
        return this;
    }

    /// <summary>A smaller heading.</summary>
    public HtmlReport AddSubheading(string text)
    {
        body.NewLine().Element("h3", text);
        return this;
    }

    /// <summary>A paragraph.</summary>
    public HtmlReport AddParagraph(string text)
    {
        body.NewLine().Element("p", text);
        return this;
    }

    /// <summary>A table; columns but the first are aligned to the right. The first column names the rows.</summary>
    /// <param name="columns">The heads.</param>
    /// <param name="rows">Each as long as <paramref name="columns"/>.</param>
    public HtmlReport AddTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        body.NewLine();
        WriteTable(columns, rows);
        return this;
    }

    /// <summary>A table behind a line that opens it: for the numbers of a chart.</summary>
    public HtmlReport AddFoldedTable(string summary, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        body.NewLine().Open("details").Element("summary", summary);
        WriteTable(columns, rows);
        body.Close();
        return this;
    }

    /// <summary>Lines of fixed-width text, each in pieces, of which some are marked.</summary>
    public HtmlReport AddListing(IEnumerable<IReadOnlyList<(string Text, bool IsMarked)>> lines)
    {
        body.NewLine().Open("pre");
        foreach (var line in lines)
        {
            foreach (var (text, isMarked) in line)
            {
                if (isMarked) body.Element("mark", text);
                else body.Text(text);
            }

            body.NewLine();
        }

        body.Close();
        return this;
    }

    /// <summary>A text whose tokens are shaded by their p, which hovering tells.</summary>
    public HtmlReport AddTokens(IEnumerable<TokenSpan> tokens)
    {
        body.NewLine().Open("div", ("class", "tokens"));
        foreach (var token in tokens) body.Element("span", token.Text, ("class", TokenClass(token.Probability)), ("title", token.Description));
        body.Close();
        return this;
    }

    /// <summary>What the shades of <see cref="AddTokens"/> mean.</summary>
    public HtmlReport AddTokenScale()
    {
        body.NewLine().Open("div", ("class", "tokens scale"));
        var low = 0.0;
        foreach (var bound in ProbabilityLevels)
        {
            body.Element("span", string.Create(CultureInfo.InvariantCulture, $"p < {bound}"), ("class", TokenClass(low))).Text(" ");
            low = bound;
        }

        body.Element("span", string.Create(CultureInfo.InvariantCulture, $"p ≥ {low}"), ("class", TokenClass(low))).Text(" ");
        body.Element("span", "not a target", ("class", TokenClass(null))).Close();
        return this;
    }

    /// <summary>Charts in rows of two, or below each other where the page is narrow; one alone is no wider for it.</summary>
    public HtmlReport AddCharts(params ReadOnlySpan<Chart> charts)
    {
        body.NewLine().Open("div", ("class", "charts"));
        foreach (var chart in charts)
        {
            body.NewLine().Open("figure").Element("figcaption", chart.Title).Raw(chart.ToSvg());
            if (chart.Explanation.Length > 0) body.Element("p", chart.Explanation);
            body.Close();
        }

        body.Close();
        return this;
    }

    /// <summary>The file's text, also well-formed XML but for the doctype.</summary>
    public string ToHtml()
    {
        var page = new MarkupWriter();
        page.Raw("<!DOCTYPE html>\n").Open("html", ("lang", "en")).NewLine().Open("head")
            .Empty("meta", ("charset", "utf-8"))
            .Empty("meta", ("name", "generator"), ("content", ReportFile.Generator))
            .Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"))
            .Empty("meta", ("name", "color-scheme"), ("content", "light dark"))
            .Element("title", title).NewLine()
            .Open("style").Raw(StyleSheet.Value).Close()
            .Close().NewLine()
            .Open("body").Open("main").Element("h1", title)
            .Raw(body.ToString()).NewLine()
            .Close().Close().Close().NewLine();
        return page.ToString();
    }

    /// <summary>A fraction as per cent with one decimal, not to be broken over lines; a dash where there is none.</summary>
    public static string Percent(double? fraction) =>
        fraction is { } value && double.IsFinite(value) ? (value * 100).ToString("F1", CultureInfo.InvariantCulture) + "\u00A0%" : "–";

    /// <summary>The style class of a token: its shade, by where p lies among <see cref="ProbabilityLevels"/>.</summary>
    private static string TokenClass(double? probability)
    {
        if (probability is not { } p) return "context";
        var level = 0;
        while (level < ProbabilityLevels.Length && p >= ProbabilityLevels[level]) level++;
        return string.Create(CultureInfo.InvariantCulture, $"p{level}");
    }

    private void WriteTable(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        body.Open("div", ("class", "table")).Open("table").Open("thead").Open("tr");
        foreach (var column in columns) body.Element("th", column, ("scope", "col"));
        body.Close().Close().Open("tbody");
        foreach (var row in rows)
        {
            body.NewLine().Open("tr");
            for (var i = 0; i < row.Count; i++)
            {
                if (i == 0) body.Element("th", row[i], ("scope", "row"));
                else body.Element("td", row[i]);
            }

            body.Close();
        }

        body.Close().Close().Close();
    }

    private static string ReadStyleSheet()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("DftNative.Reporting.report.css")
            ?? throw new InvalidOperationException("The report's style sheet is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
