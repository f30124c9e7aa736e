using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>Bars from zero, each with its value and, where given, its confidence interval. They stand where their names fit below them, else lie under each other.</summary>
public sealed class BarChart : Chart
{
    private const double RowsMargins = 62, BarHeight = 16, ValueWidth = 62;

    /// <summary>Names that are wider stand above their bars.</summary>
    private const double LargestNameWidth = 130;

    private const int MostNameCharacters = 47;

    private readonly ChartAxis axis;
    private readonly IReadOnlyList<Bar> bars;
    private readonly double nameWidth;
    private readonly bool lies;
    private readonly bool namesAbove;

    /// <summary>A chart of <paramref name="bars"/>, from left to right or from top to bottom.</summary>
    public BarChart(string title, string explanation, ChartAxis vertical, IReadOnlyList<Bar> bars)
        : base(title, explanation)
    {
        (axis, this.bars) = (vertical with { Minimum = vertical.Minimum ?? 0 }, bars);
        nameWidth = bars.Count == 0 ? 0 : bars.Max(bar => bar.Name.Length) * ChartFrame.CharacterWidth;
        lies = nameWidth * bars.Count > ChartFrame.Width - 100;
        namesAbove = nameWidth > LargestNameWidth;
    }

    private protected override double Height => lies ? RowsMargins + bars.Count * RowHeight : base.Height;

    private double RowHeight => namesAbove ? 44 : 26;

    private protected override void Draw(MarkupWriter writer)
    {
        var scale = new PlotScale(axis, bars.SelectMany(bar => (double[])[bar.Value, bar.High ?? bar.Value]));
        if (lies) DrawLying(writer, scale);
        else DrawStanding(writer, scale);
    }

    private void DrawStanding(MarkupWriter writer, PlotScale y)
    {
        var frame = new ChartFrame(writer, []);
        frame.DrawVerticalAxis(axis, y);
        if (bars.Count == 0) frame.DrawNoData();
        for (var i = 0; i < bars.Count; i++)
        {
            var center = frame.X((i + 0.5) / bars.Count);
            frame.DrawTickLabel(center, bars[i].Name);
            if (double.IsFinite(bars[i].Value)) DrawStandingBar(writer, frame, y, bars[i], center);
        }

        frame.DrawBaseline("");
    }

    private void DrawStandingBar(MarkupWriter writer, ChartFrame frame, PlotScale y, Bar bar, double center)
    {
        var width = Math.Min(90, (frame.Right - frame.Left) / bars.Count * 0.6);
        var top = frame.Y(y.Position(bar.Value));
        writer.Open("rect", ("class", "bar " + ClassOf(bar.Color)), ("x", Number(center - width / 2)), ("y", Number(top)), ("width", Number(width)), ("height", Number(frame.Bottom - top)))
            .Element("title", Describe(bar, y)).Close();
        if (Interval(bar) is var (low, high))
        {
            double lowY = frame.Y(y.Position(low)), highY = frame.Y(y.Position(high));
            writer.Empty("path", ("class", "interval"), ("d", $"M{Number(center)},{Number(lowY)}V{Number(highY)}M{Number(center - 7)},{Number(lowY)}h14M{Number(center - 7)},{Number(highY)}h14"));
        }

        // Inside the bar where it is tall enough, so that the value hides neither the interval nor a grid line.
        var inside = frame.Bottom - top > 60;
        writer.Element("text", y.FormatValue(bar.Value),
            ("class", inside ? "value inside" : "value"), ("x", Number(center)), ("y", Number(inside ? frame.Bottom - 14 : top - 12)), ("text-anchor", "middle"));
    }

    private void DrawLying(MarkupWriter writer, PlotScale x)
    {
        // The values stand in a column at the right, clear of bars and intervals.
        var frame = new ChartFrame(writer, [], leftMargin: namesAbove ? 8 : nameWidth + 12, Height);
        var width = frame.Right - ValueWidth - frame.Left;
        frame.DrawBaseline(axis.Label);
        for (var i = 0; i < bars.Count; i++)
        {
            // Below its name, or beside it.
            var (bar, middle) = (bars[i], frame.Top + (i + 1) * RowHeight - 5 - BarHeight / 2);
            if (namesAbove) writer.Element("text", Shorten(bar.Name), ("x", Number(frame.Left)), ("y", Number(middle - BarHeight / 2 - 6)));
            else writer.Element("text", bar.Name, ("x", Number(frame.Left - 7)), ("y", Number(middle)), ("dy", "0.35em"), ("text-anchor", "end"));
            if (!double.IsFinite(bar.Value)) continue;
            writer.Open("rect", ("class", "bar " + ClassOf(bar.Color)), ("x", Number(frame.Left)), ("y", Number(middle - BarHeight / 2)), ("width", Number(width * x.Position(bar.Value))), ("height", Number(BarHeight)))
                .Element("title", Describe(bar, x)).Close();
            if (Interval(bar) is var (low, high))
            {
                double lowX = frame.Left + width * x.Position(low), highX = frame.Left + width * x.Position(high);
                writer.Empty("path", ("class", "interval"), ("d", $"M{Number(lowX)},{Number(middle)}H{Number(highX)}M{Number(lowX)},{Number(middle - 5)}v10M{Number(highX)},{Number(middle - 5)}v10"));
            }

            writer.Element("text", x.FormatValue(bar.Value), ("class", "value"), ("x", Number(frame.Right)), ("y", Number(middle)), ("dy", "0.35em"), ("text-anchor", "end"));
        }
    }

    private static string Shorten(string name) => name.Length <= MostNameCharacters ? name : string.Concat(name.AsSpan(0, MostNameCharacters - 1), "…");

    private static string Describe(Bar bar, PlotScale scale) =>
        $"{bar.Name}: {scale.FormatValue(bar.Value)}" + (Interval(bar) is var (low, high) ? $" ({scale.FormatValue(low)} to {scale.FormatValue(high)})" : "");

    private static (double Low, double High)? Interval(Bar bar) =>
        bar is { Low: { } low, High: { } high } && double.IsFinite(low) && double.IsFinite(high) ? (low, high) : null;
}
