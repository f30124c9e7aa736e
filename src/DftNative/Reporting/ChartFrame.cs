using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>
/// The plot area of a chart and what stands around it. Its units are the SVG's own: at 400 wide, text of 14 is still 11
/// pixels high where a phone shows the chart 320 pixels wide.
/// </summary>
internal sealed class ChartFrame
{
    public const int Width = 400;
    public const int DefaultHeight = 260;

    /// <summary>About the width of a character of the chart's text, in a font that is not narrow.</summary>
    public const double CharacterWidth = 8;

    private const double DigitWidth = 9;

    private const double LeftMargin = 80, RightMargin = 14, BottomMargin = 46, TopMargin = 12, LegendRowHeight = 22, LegendTextStart = 30;

    private readonly MarkupWriter writer;
    private readonly double height;

    /// <summary>A frame below its legend, which it draws.</summary>
    /// <param name="writer">Inside an SVG element.</param>
    /// <param name="legend">None: no legend.</param>
    /// <param name="leftMargin">Room for the vertical axis's labels.</param>
    /// <param name="height">Of the drawing.</param>
    public ChartFrame(MarkupWriter writer, IReadOnlyList<LegendEntry> legend, double leftMargin = LeftMargin, double height = DefaultHeight)
    {
        (this.writer, this.height, Left) = (writer, height, leftMargin);
        Top = TopMargin + LegendRows(legend, leftMargin) * LegendRowHeight;
        DrawLegend(legend);
    }

    public double Left { get; }

    /// <summary>The height of a drawing whose plot is as high under any legend.</summary>
    public static double HeightWith(IReadOnlyList<LegendEntry> legend) => DefaultHeight + Math.Max(0, LegendRows(legend, LeftMargin) - 1) * LegendRowHeight;

    public double Right => Width - RightMargin;

    public double Top { get; }

    public double Bottom => height - BottomMargin;

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
        writer.Element("text", axis.Label, ("class", "axis-label"), ("x", "14"), ("y", middle), ("text-anchor", "middle"), ("transform", $"rotate(-90 14 {middle})"));
    }

    /// <summary>Ticks of the horizontal axis, and its line and label.</summary>
    /// <param name="axis">What it shows.</param>
    /// <param name="scale">Fitted to the data.</param>
    /// <param name="hasGrid">Whether its ticks are lines through the plot.</param>
    public void DrawHorizontalAxis(ChartAxis axis, PlotScale scale, bool hasGrid = false)
    {
        foreach (var tick in scale.Ticks)
        {
            var x = Number(X(scale.Position(tick)));
            if (hasGrid) writer.Empty("line", ("class", "grid"), ("x1", x), ("x2", x), ("y1", Number(Top)), ("y2", Number(Bottom)));
            else writer.Empty("line", ("class", "axis"), ("x1", x), ("x2", x), ("y1", Number(Bottom)), ("y2", Number(Bottom + 4)));
            DrawTickLabel(X(scale.Position(tick)), scale.FormatTick(tick));
        }

        DrawBaseline(axis.Label);
    }

    /// <summary>Text under the horizontal axis, moved inwards where it would leave the drawing.</summary>
    public void DrawTickLabel(double x, string label) =>
        writer.Element("text", label, ("x", Number(Math.Min(x, Width - label.Length * DigitWidth / 2))), ("y", Number(Bottom + 18)), ("text-anchor", "middle"));

    /// <summary>The horizontal axis's line and label.</summary>
    public void DrawBaseline(string label)
    {
        writer.Empty("line", ("class", "axis"), ("x1", Number(Left)), ("x2", Number(Right)), ("y1", Number(Bottom)), ("y2", Number(Bottom)));
        writer.Element("text", label, ("class", "axis-label"), ("x", Number((Left + Right) / 2)), ("y", Number(height - 8)), ("text-anchor", "middle"));
    }

    /// <summary>Says that there is nothing to draw.</summary>
    public void DrawNoData() =>
        writer.Element("text", "no data", ("class", "empty"), ("x", Number((Left + Right) / 2)), ("y", Number((Top + Bottom) / 2)), ("text-anchor", "middle"));

    /// <summary>A sample of each series' mark and its name, in rows as they fit.</summary>
    private void DrawLegend(IReadOnlyList<LegendEntry> legend)
    {
        const double firstRow = 14, swatchWidth = 24;
        foreach (var (entry, start, row) in PlaceLegend(legend, Left))
        {
            // A name that is longer than a row begins it further left, where nothing else stands.
            var x = Math.Max(0, Math.Min(start, Right - LegendWidth(entry)));
            var y = firstRow + row * LegendRowHeight;
            if (entry.IsLine)
                writer.Empty("line", ("class", "line " + entry.Style), ("x1", Number(x)), ("x2", Number(x + swatchWidth)), ("y1", Number(y)), ("y2", Number(y)));
            else
                writer.Empty("rect", ("class", "bar " + entry.Style), ("x", Number(x + 6)), ("y", Number(y - 6)), ("width", "14"), ("height", "12"));
            writer.Element("text", entry.Name, ("x", Number(x + LegendTextStart)), ("y", Number(y)), ("dy", "0.35em"));
        }
    }

    private static int LegendRows(IReadOnlyList<LegendEntry> legend, double left) => legend.Count == 0 ? 0 : PlaceLegend(legend, left)[^1].Row + 1;

    private static List<(LegendEntry Entry, double X, int Row)> PlaceLegend(IReadOnlyList<LegendEntry> legend, double left)
    {
        const double gap = 18;
        var (x, row) = (left, 0);
        var placed = new List<(LegendEntry Entry, double X, int Row)>();
        foreach (var entry in legend)
        {
            if (x > left && x + LegendWidth(entry) > Width - RightMargin) (x, row) = (left, row + 1);
            placed.Add((entry, x, row));
            x += LegendWidth(entry) + gap;
        }

        return placed;
    }

    private static double LegendWidth(LegendEntry entry) => LegendTextStart + entry.Name.Length * CharacterWidth;
}
