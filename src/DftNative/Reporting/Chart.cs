namespace DftNative.Reporting;

/// <summary>A chart as SVG, to stand in an <see cref="HtmlReport"/>, whose style sheet has its colours.</summary>
public abstract class Chart
{
    private protected Chart(string title, string explanation) => (Title, Explanation) = (title, explanation);

    /// <summary>What it shows, in a few words.</summary>
    public string Title { get; }

    /// <summary>A sentence on how to read it; may be empty.</summary>
    public string Explanation { get; }

    /// <summary>The SVG element.</summary>
    public string ToSvg()
    {
        var writer = new MarkupWriter();
        writer.Open("svg",
            ("class", "chart"), ("viewBox", $"0 0 {ChartFrame.Width} {MarkupWriter.Number(Height)}"), ("role", "img"),
            ("aria-label", Title), ("xmlns", "http://www.w3.org/2000/svg"));
        Draw(writer);
        return writer.Close().ToString();
    }

    /// <summary>Of the drawing, in its own units.</summary>
    private protected virtual double Height => ChartFrame.DefaultHeight;

    /// <summary>Draws into the open SVG element.</summary>
    private protected abstract void Draw(MarkupWriter writer);

    /// <summary>The style class of a colour.</summary>
    private protected static string ClassOf(SeriesColor color) => color switch
    {
        SeriesColor.Warm => "warm",
        SeriesColor.Cool => "cool",
        SeriesColor.Green => "green",
        SeriesColor.Purple => "purple",
        SeriesColor.Gold => "gold",
        _ => "neutral",
    };
}
