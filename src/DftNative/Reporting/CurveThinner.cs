namespace DftNative.Reporting;

/// <summary>
/// Brings a long curve down to what a chart can show: neighbours become one point of their mean, whose interval reaches
/// from the smallest to the largest, so that no spike is lost.
/// </summary>
internal static class CurveThinner
{
    /// <summary>The most points of a curve; a chart has fewer columns of pixels.</summary>
    public const int MaxPoints = 200;

    /// <summary>The curve as it is where it is short enough, else its buckets.</summary>
    /// <param name="points">By step, ascending; where none of a bucket is finite the line is interrupted.</param>
    public static IReadOnlyList<ChartPoint> Thin(IReadOnlyList<ChartPoint> points)
    {
        if (points.Count <= MaxPoints) return points;
        var thinned = new List<ChartPoint>(MaxPoints);
        for (var bucket = 0; bucket < MaxPoints; bucket++)
        {
            int start = (int)((long)points.Count * bucket / MaxPoints), end = (int)((long)points.Count * (bucket + 1) / MaxPoints);
            thinned.Add(Summarize(points, start, end));
        }

        return thinned;
    }

    private static ChartPoint Summarize(IReadOnlyList<ChartPoint> points, int start, int end)
    {
        double x = 0, y = 0, low = double.PositiveInfinity, high = double.NegativeInfinity;
        var count = 0;
        for (var i = start; i < end; i++)
        {
            var point = points[i];
            if (!point.IsFinite) continue;
            (x, y, low, high) = (x + point.X, y + point.Y, Math.Min(low, point.Y), Math.Max(high, point.Y));
            count++;
        }

        return count == 0 ? new ChartPoint(points[start].X, double.NaN) : new ChartPoint(Math.Round(x / count), y / count, low, high);
    }
}
