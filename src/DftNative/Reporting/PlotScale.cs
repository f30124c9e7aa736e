using System.Globalization;

namespace DftNative.Reporting;

/// <summary>An axis fitted to data: its range, its ticks at round values, and where a value lies on it.</summary>
internal sealed class PlotScale
{
    private const int WantedTicks = 5;
    private const double LeastDecimalStep = 0.99e-3;

    /// <summary>Of the values themselves.</summary>
    private const double SmallestRange = 1e-9;

    private readonly ChartAxis axis;
    private readonly double minimum;
    private readonly double maximum;
    private readonly double step;

    /// <summary>Fits <paramref name="axis"/> to <paramref name="values"/>; those that are not finite do not count.</summary>
    public PlotScale(ChartAxis axis, IEnumerable<double> values)
    {
        this.axis = axis;
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var value in values)
        {
            if (!double.IsFinite(value) || (IsLogarithmic && value <= 0)) continue;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        // Means of one value differ by their rounding: that is no range.
        if (high - low < SmallestRange * Math.Max(Math.Abs(low), Math.Abs(high))) high = low;
        if (low > high) (low, high) = IsLogarithmic ? (0.1, 1) : (0, 1);
        (low, high) = (axis.Minimum ?? low, axis.Maximum ?? high);
        if (IsLogarithmic)
        {
            minimum = axis.Minimum ?? Math.Pow(10, Math.Floor(Math.Log10(low)));
            maximum = axis.Maximum ?? Math.Pow(10, Math.Ceiling(Math.Log10(high)));
            if (minimum >= maximum) maximum = minimum * 10;
            Ticks = Decades(minimum, maximum);
        }
        else
        {
            if (low >= high) (low, high) = Widen(low);
            step = RoundStep(high - low);
            minimum = axis.Minimum ?? Math.Floor(low / step) * step;
            maximum = axis.Maximum ?? Math.Ceiling(high / step) * step;
            if (minimum >= maximum) maximum = minimum + step;
            Ticks = Multiples(minimum, maximum, step);
        }
    }

    /// <summary>Values at which the axis is marked, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Whether ticks would have so many decimals that their labels leave the margin.</summary>
    private bool HasSmallSteps => !IsLogarithmic && axis.Format == TickFormat.Number && step < LeastDecimalStep;

    private bool IsLogarithmic => axis.Scale == AxisScale.Logarithmic;

    /// <summary>Where a value lies: 0 at the axis's start, 1 at its end; values beyond are drawn at the nearer end.</summary>
    public double Position(double value)
    {
        if (IsLogarithmic && value <= 0) return 0;
        var position = IsLogarithmic
            ? Math.Log(value / minimum) / Math.Log(maximum / minimum)
            : (value - minimum) / (maximum - minimum);
        return Math.Clamp(position, 0, 1);
    }

    /// <summary>A tick's label: no more decimals than ticks need to differ.</summary>
    public string FormatTick(double value) => HasSmallSteps ? Scientific(value) : Format(value, IsLogarithmic ? value : step);

    /// <summary>Where a point lies: whole numbers, such as steps, as they are.</summary>
    public string FormatAbscissa(double value) =>
        value == Math.Floor(value) && axis.Format == TickFormat.Number ? value.ToString("0", CultureInfo.InvariantCulture) : FormatTick(value);

    /// <summary>A data value, two digits finer than the ticks.</summary>
    public string FormatValue(double value) => Format(value, IsLogarithmic ? value / 100 : step / 100);

    private string Format(double value, double resolution)
    {
        var percent = axis.Format == TickFormat.Percent;
        if (percent) (value, resolution) = (value * 100, resolution * 100);
        var magnitude = Math.Max(Math.Abs(value), resolution);
        string number;
        if (magnitude is >= 1e6 or < 1e-4)
        {
            number = Scientific(value);
        }
        else
        {
            var decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(resolution) - 1e-9), 0, 8);
            number = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }

        return percent ? number + " %" : number;
    }

    private static string Scientific(double value) => value == 0 ? "0" : value.ToString("0.##e0", CultureInfo.InvariantCulture);

    private static (double Low, double High) Widen(double value) =>
        value == 0 ? (0, 1) : (value - Math.Abs(value) / 2, value + Math.Abs(value) / 2);

    /// <summary>The 1, 2 or 5 times a power of ten that cuts the range into about <see cref="WantedTicks"/> parts.</summary>
    private static double RoundStep(double range)
    {
        var rough = range / WantedTicks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var factor = (rough / power) switch { < 1.414 => 1, < 3.162 => 2, < 7.071 => 5, _ => 10 };
        return factor * power;
    }

    private static List<double> Multiples(double minimum, double maximum, double step)
    {
        var ticks = new List<double>();
        var tolerance = step * 1e-9;
        for (var i = (long)Math.Ceiling((minimum - tolerance) / step); i * step <= maximum + tolerance; i++) ticks.Add(i * step);
        return ticks;
    }

    private static List<double> Decades(double minimum, double maximum)
    {
        int first = (int)Math.Ceiling(Math.Log10(minimum) - 1e-9), last = (int)Math.Floor(Math.Log10(maximum) + 1e-9);
        var stride = Math.Max(1, (last - first + WantedTicks) / (WantedTicks + 1));
        var ticks = new List<double>();
        // From the end, so that of shares the whole is marked whatever the stride.
        for (var exponent = last; exponent >= first; exponent -= stride) ticks.Insert(0, Math.Pow(10, exponent));
        return ticks;
    }
}
