using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>Bars from zero, each with its value and, where given, its confidence interval.</summary>
public sealed class BarChart : Chart
{
    private readonly ChartAxis vertical;
    private readonly IReadOnlyList<Bar> bars;

    /// <summary>A chart of <paramref name="bars"/>, from left to right.</summary>
    public BarChart(string title, string explanation, ChartAxis vertical, IReadOnlyList<Bar> bars)
        : base(title, explanation) => (this.vertical, this.bars) = (vertical with { Minimum = vertical.Minimum ?? 0 }, bars);

    private protected override void Draw(MarkupWriter writer)
    {
        var y = new PlotScale(vertical, bars.SelectMany(bar => (double[])[bar.Value, bar.High ?? bar.Value]));
        var frame = new ChartFrame(writer, hasLegend: false);
        frame.DrawVerticalAxis(vertical, y);
        if (bars.Count == 0) frame.DrawNoData();
        for (var i = 0; i < bars.Count; i++)
        {
            var center = frame.X((i + 0.5) / bars.Count);
            frame.DrawTickLabel(center, bars[i].Name);
            if (double.IsFinite(bars[i].Value)) DrawBar(writer, frame, y, bars[i], center);
        }

        frame.DrawBaseline("");
    }

    private void DrawBar(MarkupWriter writer, ChartFrame frame, PlotScale y, Bar bar, double center)
    {
        var width = Math.Min(90, (frame.Right - frame.Left) / bars.Count * 0.6);
        var top = frame.Y(y.Position(bar.Value));
        writer.Open("rect", ("class", "bar " + ClassOf(bar.Color)), ("x", Number(center - width / 2)), ("y", Number(top)), ("width", Number(width)), ("height", Number(frame.Bottom - top)))
            .Element("title", $"{bar.Name}: {y.FormatValue(bar.Value)}").Close();
        if (bar is { Low: { } low, High: { } high } && double.IsFinite(low) && double.IsFinite(high))
        {
            double lowY = frame.Y(y.Position(low)), highY = frame.Y(y.Position(high));
            writer.Empty("path", ("class", "interval"), ("d", $"M{Number(center)},{Number(lowY)}V{Number(highY)}M{Number(center - 7)},{Number(lowY)}h14M{Number(center - 7)},{Number(highY)}h14"));
        }

        // Inside the bar where it is tall enough, so that the value hides neither the interval nor a grid line.
        var inside = frame.Bottom - top > 60;
        writer.Element("text", y.FormatValue(bar.Value),
            ("class", inside ? "value inside" : "value"), ("x", Number(center)), ("y", Number(inside ? frame.Bottom - 14 : top - 12)), ("text-anchor", "middle"));
    }
}
