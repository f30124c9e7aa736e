using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>
/// The plot area of a chart and what stands around it. Its units are the SVG's own: at 480 wide, text of 14 stays
/// legible when a phone shows the chart 340 pixels wide.
/// </summary>
internal sealed class ChartFrame
{
    public const int Width = 480;
    public const int Height = 300;
    private const double LeftMargin = 80, RightMargin = 14, BottomMargin = 46, TopMargin = 12, LegendHeight = 22;

    /// <summary>About the width of a character of the legend's text.</summary>
    private const double CharacterWidth = 7.5;

    private readonly MarkupWriter writer;

    public ChartFrame(MarkupWriter writer, bool hasLegend) => (this.writer, Top) = (writer, TopMargin + (hasLegend ? LegendHeight : 0));

    public double Left => LeftMargin;

    public double Right => Width - RightMargin;

    public double Top { get; }

    public double Bottom => Height - BottomMargin;

    /// <summary>The abscissa of a position in [0, 1].</summary>
    public double X(double position) => Left + position * (Right - Left);

    /// <summary>The ordinate of a position in [0, 1], upwards.</summary>
    public double Y(double position) => Bottom - position * (Bottom - Top);

    /// <summary>Lines, ticks and label of the vertical axis.</summary>
    public void DrawVerticalAxis(ChartAxis axis, PlotScale scale)
    {
        foreach (var tick in scale.Ticks)
        {
            var y = Number(Y(scale.Position(tick)));
            writer.Empty("line", ("class", "grid"), ("x1", Number(Left)), ("x2", Number(Right)), ("y1", y), ("y2", y));
            writer.Element("text", scale.FormatTick(tick), ("x", Number(Left - 7)), ("y", y), ("dy", "0.35em"), ("text-anchor", "end"));
        }

        var middle = Number((Top + Bottom) / 2);
        writer.Element("text", axis.Label, ("class", "axis-label"), ("x", "13"), ("y", middle), ("text-anchor", "middle"), ("transform", $"rotate(-90 13 {middle})"));
    }

    /// <summary>Ticks of the horizontal axis, and its line and label.</summary>
    public void DrawHorizontalAxis(ChartAxis axis, PlotScale scale)
    {
        foreach (var tick in scale.Ticks)
        {
            var x = Number(X(scale.Position(tick)));
            writer.Empty("line", ("class", "axis"), ("x1", x), ("x2", x), ("y1", Number(Bottom)), ("y2", Number(Bottom + 4)));
            DrawTickLabel(X(scale.Position(tick)), scale.FormatTick(tick));
        }

        DrawBaseline(axis.Label);
    }

    /// <summary>Text under the horizontal axis.</summary>
    public void DrawTickLabel(double x, string label) =>
        writer.Element("text", label, ("x", Number(x)), ("y", Number(Bottom + 18)), ("text-anchor", "middle"));

    /// <summary>The horizontal axis's line and label.</summary>
    public void DrawBaseline(string label)
    {
        writer.Empty("line", ("class", "axis"), ("x1", Number(Left)), ("x2", Number(Right)), ("y1", Number(Bottom)), ("y2", Number(Bottom)));
        writer.Element("text", label, ("class", "axis-label"), ("x", Number((Left + Right) / 2)), ("y", Number(Height - 8)), ("text-anchor", "middle"));
    }

    /// <summary>A sample of each series' line and its name, in one row.</summary>
    public void DrawLegend(IEnumerable<(string Name, string Class)> entries)
    {
        var x = Left;
        foreach (var (name, style) in entries)
        {
            writer.Empty("line", ("class", "line " + style), ("x1", Number(x)), ("x2", Number(x + 24)), ("y1", "14"), ("y2", "14"));
            writer.Element("text", name, ("x", Number(x + 30)), ("y", "14"), ("dy", "0.35em"));
            x += 30 + name.Length * CharacterWidth + 18;
        }
    }

    /// <summary>Says that there is nothing to draw.</summary>
    public void DrawNoData() =>
        writer.Element("text", "no data", ("class", "empty"), ("x", Number((Left + Right) / 2)), ("y", Number((Top + Bottom) / 2)), ("text-anchor", "middle"));
}
