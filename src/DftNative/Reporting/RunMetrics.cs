using System.Text.Json;
using DftNative.Losses;

namespace DftNative.Reporting;

/// <summary>A run's metrics.jsonl, read back by columns, whichever the run has written.</summary>
public sealed class RunMetrics
{
    /// <summary>Steps at each end of a run whose histograms of p are added up.</summary>
    private const int StepsOfHistogram = 10;

    private const int BufferLength = 1 << 16;

    private readonly Dictionary<string, List<ChartPoint>> columns = new(StringComparer.Ordinal);
    private readonly List<double[]> firstHistograms = [];
    private readonly Queue<double[]> lastHistograms = new();
    private readonly List<int> skippedSteps = [];
    private int histogramCount;

    private RunMetrics() { }

    /// <summary>Steps read.</summary>
    public int StepCount { get; private set; }

    /// <summary>The last step; 0: none.</summary>
    public int LastStep { get; private set; }

    /// <summary>Passes over the data done at the last step.</summary>
    public double LastEpoch { get; private set; }

    /// <summary>The steps whose update was left out.</summary>
    public IReadOnlyList<int> SkippedSteps => skippedSteps;

    /// <summary>How many of the last steps were skipped without one between them that was not.</summary>
    public int SkippedAtEnd { get; private set; }

    /// <summary>Whether the last line was cut off as it was written; it is left out.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>Names of the columns; those of an object's properties are <c>OBJECT/PROPERTY</c>.</summary>
    public IEnumerable<string> Columns => columns.Keys;

    /// <summary>A column's values by step, NaN where it is null; empty: there is no such column.</summary>
    public IReadOnlyList<ChartPoint> this[string column] => columns.TryGetValue(column, out var points) ? points : [];

    /// <summary>The counts of p in equal bins over the first steps and over the last ones, as many of them; empty: not recorded.</summary>
    public (double[] First, double[] Last, int Steps) ProbabilityHistograms()
    {
        var count = Math.Min(firstHistograms.Count, Math.Max(1, histogramCount / 2));
        return count == 0 ? ([], [], 0) : (Sum(firstHistograms.Take(count)), Sum(lastHistograms.TakeLast(count)), count);
    }

    /// <summary>Reads a file, also of a run that is under way or was killed.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is missing, cannot be read, or a line other than the last is damaged.</exception>
    public static RunMetrics Read(string path)
    {
        var metrics = new RunMetrics();
        try
        {
            // A run under way has it open for writing.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferLength);
            using var reader = new StreamReader(stream);
            var line = reader.ReadLine();
            for (var number = 1; line is not null; number++)
            {
                var next = reader.ReadLine();
                metrics.AddLine(line, path, number, isLast: next is null);
                line = next;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, exception);
        }

        return metrics;
    }

    private void AddLine(string line, string path, int number, bool isLast)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("step", out var value) || !value.TryGetInt32(out var step))
                throw new DftNativeException(ExitCode.InvalidInput, $"{path}, line {number}: not an object with a \"step\"");
            if (step <= LastStep) throw new DftNativeException(ExitCode.InvalidInput, $"{path}, line {number}: step {step} comes after step {LastStep}");
            AddStep(step, document.RootElement);
        }
        catch (JsonException exception)
        {
            if (!isLast) throw new DftNativeException(ExitCode.InvalidInput, $"{path}, line {number}: not JSON: {exception.Message.ReplaceLineEndings(" ")}", exception);
            IsCutOff = true;
        }
    }

    private void AddStep(int step, JsonElement line)
    {
        (StepCount, LastStep) = (StepCount + 1, step);
        var isSkipped = line.TryGetProperty("skipped", out var skipped) && skipped.ValueKind == JsonValueKind.True;
        SkippedAtEnd = isSkipped ? SkippedAtEnd + 1 : 0;
        if (isSkipped) skippedSteps.Add(step);
        foreach (var property in line.EnumerateObject())
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Number or JsonValueKind.Null:
                    AddValue(step, property.Name, property.Value);
                    break;
                case JsonValueKind.Object:
                    foreach (var part in property.Value.EnumerateObject()) AddValue(step, $"{property.Name}/{part.Name}", part.Value);
                    break;
                case JsonValueKind.Array when property.NameEquals(MetricsFile.HistogramName) && !isSkipped:
                    AddHistogram(property.Value);
                    break;
            }
        }

        if (this["epoch"] is { Count: > 0 } epochs) LastEpoch = epochs[^1].Y;
    }

    private void AddValue(int step, string name, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.Null)) return;
        if (!columns.TryGetValue(name, out var points)) columns.Add(name, points = []);
        points.Add(new ChartPoint(step, value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble()));
    }

    private void AddHistogram(JsonElement array)
    {
        if (array.GetArrayLength() != TokenLossStatistics.HistogramBins) return;
        double[] counts = [.. array.EnumerateArray().Select(count => count.ValueKind == JsonValueKind.Number ? count.GetDouble() : 0)];
        histogramCount++;
        if (firstHistograms.Count < StepsOfHistogram) firstHistograms.Add(counts);
        lastHistograms.Enqueue(counts);
        if (lastHistograms.Count > StepsOfHistogram) lastHistograms.Dequeue();
    }

    private static double[] Sum(IEnumerable<double[]> histograms)
    {
        var sum = new double[TokenLossStatistics.HistogramBins];
        foreach (var histogram in histograms)
            for (var i = 0; i < sum.Length; i++) sum[i] += histogram[i];
        return sum;
    }
}
