using static DftNative.Reporting.MarkupWriter;

namespace DftNative.Reporting;

/// <summary>Histograms of one quantity, side by side: the share of each one's counts in each of the equal bins of a range.</summary>
public sealed class HistogramChart : Chart
{
    private readonly ChartAxis horizontal;
    private readonly ChartAxis vertical;
    private readonly IReadOnlyList<HistogramSeries> series;

    /// <summary>A chart of one histogram.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="explanation">How to read it; may be empty.</param>
    /// <param name="horizontal">The binned quantity; its bounds are the range's and must be given.</param>
    /// <param name="vertical">The share; logarithmic where rare bins matter.</param>
    /// <param name="color">Of the bars.</param>
    /// <param name="counts">Of each bin; those that are not positive are not drawn.</param>
    public HistogramChart(string title, string explanation, ChartAxis horizontal, ChartAxis vertical, SeriesColor color, IReadOnlyList<double> counts)
        : this(title, explanation, horizontal, vertical, [new HistogramSeries("", color, counts)])
    {
    }

    /// <summary>A chart of several histograms, whose bars share each bin.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="explanation">How to read it; may be empty.</param>
    /// <param name="horizontal">The binned quantity; its bounds are the range's and must be given.</param>
    /// <param name="vertical">The share; logarithmic where rare bins matter.</param>
    /// <param name="series">All of as many bins.</param>
    public HistogramChart(string title, string explanation, ChartAxis horizontal, ChartAxis vertical, IReadOnlyList<HistogramSeries> series)
        : base(title, explanation)
    {
        if (horizontal.Minimum is null || horizontal.Maximum is null)
            throw new ArgumentException("A histogram's horizontal axis needs both bounds.", nameof(horizontal));
        if (series.Any(one => one.Counts.Count != series[0].Counts.Count))
            throw new ArgumentException("Histograms of one chart have the same bins.", nameof(series));
        (this.horizontal, this.vertical, this.series) = (horizontal, vertical, series);
    }

    /// <summary>The counts of <paramref name="factor"/> neighbours together, where bars of several histograms need room.</summary>
    public static double[] MergeBins(IReadOnlyList<double> counts, int factor)
    {
        if (counts.Count % factor != 0) throw new ArgumentException($"{counts.Count} bins are not a multiple of {factor}.", nameof(factor));
        var merged = new double[counts.Count / factor];
        for (var i = 0; i < counts.Count; i++) merged[i / factor] += counts[i];
        return merged;
    }

    private protected override double Height => ChartFrame.HeightWith(Legend);

    private LegendEntry[] Legend => series.Count < 2 ? [] : [.. series.Select(one => new LegendEntry(one.Name, Style(one), IsLine: false))];

    private protected override void Draw(MarkupWriter writer)
    {
        var shares = series.Select(one => Shares(one.Counts)).ToArray();
        double first = horizontal.Minimum!.Value, last = horizontal.Maximum!.Value;
        var x = new PlotScale(horizontal, [first, last]);
        var y = new PlotScale(vertical with { Minimum = vertical.Minimum ?? FindMinimum(shares) }, shares.SelectMany(values => values));
        var frame = new ChartFrame(writer, Legend, height: Height);
        frame.DrawVerticalAxis(vertical, y);
        for (var i = 0; i < series.Count; i++)
        {
            var bins = shares[i].Length;
            for (var bin = 0; bin < bins; bin++)
            {
                if (!(shares[i][bin] > 0)) continue;
                double low = first + (last - first) * bin / bins, high = first + (last - first) * (bin + 1) / bins;
                double left = frame.X(x.Position(low)) + 0.5, width = (frame.X(x.Position(high)) - 0.5 - left) / series.Count;
                var top = frame.Y(y.Position(shares[i][bin]));
                var name = series[i].Name.Length == 0 ? "" : series[i].Name + ", ";
                writer.Open("rect",
                        ("class", "bar " + Style(series[i])), ("x", Number(left + i * width)), ("y", Number(top)),
                        ("width", Number(Math.Max(0.5, width))), ("height", Number(frame.Bottom - top)))
                    .Element("title", $"{name}{horizontal.Label} {x.FormatValue(low)} to {x.FormatValue(high)}: {y.FormatValue(shares[i][bin])}").Close();
            }
        }

        if (shares.All(values => values.All(share => share <= 0))) frame.DrawNoData();
        frame.DrawHorizontalAxis(horizontal, x);
    }

    private string Style(HistogramSeries one) => ClassOf(one.Color) + (series.Count > 1 ? " grouped" : "");

    private static double[] Shares(IReadOnlyList<double> counts)
    {
        var total = counts.Where(double.IsFinite).Sum();
        return [.. counts.Select(count => total > 0 && double.IsFinite(count) ? count / total : 0)];
    }

    /// <summary>Zero; on a logarithmic axis, which has none, a power of ten below the smallest bar, so that it has a height.</summary>
    private double? FindMinimum(double[][] shares)
    {
        if (vertical.Scale == AxisScale.Linear) return 0;
        var positive = shares.SelectMany(values => values).Where(share => share > 0).ToArray();
        return positive.Length == 0 ? null : Math.Pow(10, Math.Ceiling(Math.Log10(positive.Min()) - 1e-9) - 1);
    }
}
