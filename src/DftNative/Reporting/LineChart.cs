using System.Text;
using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>Lines over a common abscissa, with bands for their confidence intervals and each point's numbers on hover.</summary>
public sealed class LineChart : Chart
{
    /// <summary>From this many points on, a mark on each would hide the line.</summary>
    private const int MaxMarkedPoints = 40;

    /// <summary>Edges of more bands than this hide the lines.</summary>
    private const int MaxEdgedBands = 2;

    private readonly ChartAxis horizontal;
    private readonly ChartAxis vertical;
    private readonly IReadOnlyList<LineSeries> series;

    /// <summary>A chart of <paramref name="series"/>; points that are not finite are left out and interrupt their line.</summary>
    public LineChart(string title, string explanation, ChartAxis horizontal, ChartAxis vertical, IReadOnlyList<LineSeries> series)
        : base(title, explanation) => (this.horizontal, this.vertical, this.series) = (horizontal, vertical, series);

    private protected override double Height => ChartFrame.HeightWith(Legend);

    private LegendEntry[] Legend => [.. series.Where(line => line.Name.Length > 0).Select(line => new LegendEntry(line.Name, ClassOf(line.Color), IsLine: true))];

    private protected override void Draw(MarkupWriter writer)
    {
        var points = series.SelectMany(line => line.Points).Where(point => point.IsFinite).ToArray();
        var x = new PlotScale(horizontal, points.Select(point => point.X));
        var y = new PlotScale(vertical, points.SelectMany(point => point.HasInterval ? [point.Y, point.Low!.Value, point.High!.Value] : (double[])[point.Y]));
        var frame = new ChartFrame(writer, Legend, height: Height);
        frame.DrawVerticalAxis(vertical, y);
        frame.DrawHorizontalAxis(horizontal, x);
        if (points.Length == 0) frame.DrawNoData();
        foreach (var line in series)
        {
            foreach (var segment in Segments(line.Points))
            {
                DrawBand(writer, frame, x, y, line, segment);
                DrawLine(writer, frame, x, y, line, segment);
            }
        }

        foreach (var line in series)
        {
            foreach (var segment in Segments(line.Points)) DrawMarks(writer, frame, x, y, line, segment);
        }
    }

    private void DrawBand(MarkupWriter writer, ChartFrame frame, PlotScale x, PlotScale y, LineSeries line, IReadOnlyList<ChartPoint> segment)
    {
        if (!segment.All(point => point.HasInterval)) return;
        var upper = segment.Select(point => (point.X, Y: point.High!.Value));
        var lower = segment.Reverse().Select(point => (point.X, Y: point.Low!.Value));
        writer.Empty("polygon", ("class", (series.Count > MaxEdgedBands ? "band crowded " : "band ") + ClassOf(line.Color)), ("points", Coordinates(frame, x, y, upper.Concat(lower))));
    }

    private static void DrawLine(MarkupWriter writer, ChartFrame frame, PlotScale x, PlotScale y, LineSeries line, IReadOnlyList<ChartPoint> segment)
    {
        if (segment.Count < 2) return;
        writer.Empty("polyline", ("class", "line " + ClassOf(line.Color)), ("points", Coordinates(frame, x, y, segment.Select(point => (point.X, point.Y)))));
    }

    private void DrawMarks(MarkupWriter writer, ChartFrame frame, PlotScale x, PlotScale y, LineSeries line, IReadOnlyList<ChartPoint> segment)
    {
        // A point between two gaps has no line that could show it.
        var style = ((line.Points.Count > MaxMarkedPoints || !line.HasMarks) && segment.Count > 1 ? "hover " : "mark ") + ClassOf(line.Color);
        foreach (var point in segment)
        {
            var interval = point.HasInterval ? $" ({y.FormatValue(point.Low!.Value)} to {y.FormatValue(point.High!.Value)})" : "";
            writer.Open("circle", ("class", style), ("cx", Number(frame.X(x.Position(point.X)))), ("cy", Number(frame.Y(y.Position(point.Y)))), ("r", "3.5"))
                .Element("title", $"{(line.Name.Length == 0 ? vertical.Label : line.Name)}, {horizontal.Label} {x.FormatAbscissa(point.X)}: {y.FormatValue(point.Y)}{interval}").Close();
        }
    }

    private static string Coordinates(ChartFrame frame, PlotScale x, PlotScale y, IEnumerable<(double X, double Y)> points)
    {
        var text = new StringBuilder();
        foreach (var point in points)
        {
            if (text.Length > 0) text.Append(' ');
            text.Append(Number(frame.X(x.Position(point.X)))).Append(',').Append(Number(frame.Y(y.Position(point.Y))));
        }

        return text.ToString();
    }

    private static IEnumerable<IReadOnlyList<ChartPoint>> Segments(IReadOnlyList<ChartPoint> points)
    {
        var segment = new List<ChartPoint>();
        foreach (var point in points)
        {
            if (point.IsFinite)
            {
                segment.Add(point);
            }
            else if (segment.Count > 0)
            {
                yield return segment;
                segment = [];
            }
        }

        if (segment.Count > 0) yield return segment;
    }
}
