using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>A histogram: the share of all counts in each of the equal bins of a range.</summary>
public sealed class HistogramChart : Chart
{
    private readonly ChartAxis horizontal;
    private readonly ChartAxis vertical;
    private readonly SeriesColor color;
    private readonly IReadOnlyList<double> counts;

    /// <summary>A chart of <paramref name="counts"/>.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="explanation">How to read it; may be empty.</param>
    /// <param name="horizontal">The binned quantity; its bounds are the range's and must be given.</param>
    /// <param name="vertical">The share; logarithmic where rare bins matter.</param>
    /// <param name="color">Of the bars.</param>
    /// <param name="counts">Of each bin; those that are not positive are not drawn.</param>
    public HistogramChart(string title, string explanation, ChartAxis horizontal, ChartAxis vertical, SeriesColor color, IReadOnlyList<double> counts)
        : base(title, explanation)
    {
        if (horizontal.Minimum is null || horizontal.Maximum is null)
            throw new ArgumentException("A histogram's horizontal axis needs both bounds.", nameof(horizontal));
        (this.horizontal, this.vertical, this.color, this.counts) = (horizontal, vertical, color, counts);
    }

    private protected override void Draw(MarkupWriter writer)
    {
        var total = counts.Where(double.IsFinite).Sum();
        var shares = counts.Select(count => total > 0 ? count / total : 0).ToArray();
        double first = horizontal.Minimum!.Value, last = horizontal.Maximum!.Value;
        var x = new PlotScale(horizontal, [first, last]);
        var y = new PlotScale(vertical with { Minimum = vertical.Minimum ?? FindMinimum(shares) }, shares);
        var frame = new ChartFrame(writer, hasLegend: false);
        frame.DrawVerticalAxis(vertical, y);
        for (var i = 0; i < shares.Length; i++)
        {
            if (!(shares[i] > 0)) continue;
            double low = first + (last - first) * i / shares.Length, high = first + (last - first) * (i + 1) / shares.Length;
            double left = frame.X(x.Position(low)), right = frame.X(x.Position(high)), top = frame.Y(y.Position(shares[i]));
            writer.Open("rect",
                    ("class", "bar " + ClassOf(color)), ("x", Number(left + 0.5)), ("y", Number(top)),
                    ("width", Number(Math.Max(0.5, right - left - 1))), ("height", Number(frame.Bottom - top)))
                .Element("title", $"{horizontal.Label} {x.FormatValue(low)} to {x.FormatValue(high)}: {y.FormatValue(shares[i])}").Close();
        }

        if (total <= 0) frame.DrawNoData();
        frame.DrawHorizontalAxis(horizontal, x);
    }

    /// <summary>Zero; on a logarithmic axis, which has none, a power of ten below the smallest bar, so that it has a height.</summary>
    private double? FindMinimum(double[] shares)
    {
        if (vertical.Scale == AxisScale.Linear) return 0;
        var positive = shares.Where(share => share > 0).ToArray();
        return positive.Length == 0 ? null : Math.Pow(10, Math.Ceiling(Math.Log10(positive.Min()) - 1e-9) - 1);
    }
}
