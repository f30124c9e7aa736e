using System.Text;
using System.Text.Json;
using DftNative.Losses;
using DftNative.Training;

namespace DftNative.Reporting;

/// <summary>
/// metrics.jsonl: one object a step, written as the step ends. A number that is not finite, or that a step without
/// targets does not have, is null.
/// </summary>
public sealed class MetricsFile : ITrainingObserver, IDisposable
{
    /// <summary>The file's name in a run's output directory.</summary>
    public const string FileName = "metrics.jsonl";

    /// <summary>The property that holds the counts of the targets' p in equal bins of [0, 1].</summary>
    internal const string HistogramName = "probability_histogram";

    /// <summary>The object that holds a profiled step's milliseconds.</summary>
    internal const string ProfileName = "profile_ms";

    private const string AnswersPrefix = "eval_generate_";

    private readonly FileStream stream;
    private readonly MemoryStream line = new();

    private MetricsFile(FileStream stream) => this.stream = stream;

    /// <summary>Opens the file to append, after cutting off what an earlier part of the run wrote beyond its checkpoint.</summary>
    /// <param name="path">Made if absent.</param>
    /// <param name="lastStep">The last step whose line is kept; 0: none.</param>
    public static MetricsFile Open(string path, int lastStep)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            stream.SetLength(LengthUpTo(stream, lastStep));
            stream.Seek(0, SeekOrigin.End);
            return new MetricsFile(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void OnStarted(TrainingPlan plan) { }

    /// <inheritdoc/>
    public void OnStep(StepMetrics metrics)
    {
        line.SetLength(0);
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            Write(writer, metrics);
            writer.WriteEndObject();
        }

        EndLine();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The step's line ends with them, as if the evaluation had never been cut short. A run that goes on in another directory has no line of that step,
    /// and its metrics begin behind it.
    /// </remarks>
    public void OnAnswers(int step, AnswerMetrics answers)
    {
        var bytes = new byte[stream.Length];
        stream.Seek(0, SeekOrigin.Begin);
        stream.ReadExactly(bytes);
        var start = bytes.AsSpan().TrimEnd((byte)'\n').LastIndexOf((byte)'\n') + 1;
        var last = bytes.AsSpan(start);
        if (StepOf(last) != step) return;
        // What is there already is of a resumed run that was killed before its next checkpoint.
        var end = last.IndexOf(Encoding.UTF8.GetBytes($",\"{AnswersPrefix}"));
        if (end < 0) end = last.LastIndexOf((byte)'}');
        line.SetLength(0);
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            WriteAnswers(writer, answers);
            writer.WriteEndObject();
        }

        line.GetBuffer()[0] = (byte)',';
        stream.Seek(start + end, SeekOrigin.Begin);
        EndLine();
        stream.SetLength(stream.Position);
    }

    /// <inheritdoc/>
    public void OnCheckpointSaved(int step, string directory) { }

    /// <inheritdoc/>
    public void OnFinished(TrainingResult result) => FlushToDisk();

    /// <summary>Brings the lines so far to the disk; done before a checkpoint is saved, so that it never outlives its metrics.</summary>
    public void FlushToDisk() => stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        line.Dispose();
    }

    private void EndLine()
    {
        line.WriteByte((byte)'\n');
        line.WriteTo(stream);
        stream.Flush();
    }

    private static void Write(Utf8JsonWriter writer, StepMetrics metrics)
    {
        writer.WriteNumber("step", metrics.Step);
        writer.WriteNumber("epoch", metrics.Epoch);
        writer.WriteNumber("tokens", metrics.TokenCount);
        writer.WriteNumber("tokens_total", metrics.TotalTokenCount);
        writer.WriteNumber("targets", metrics.Statistics.Tokens);
        WriteStatistics(writer, "", metrics.Statistics);
        WriteHistogram(writer, metrics.Statistics);
        WriteFinite(writer, "grad_norm", metrics.GradientNorm);
        writer.WriteNumber("learning_rate", metrics.LearningRate);
        writer.WriteNumber("step_seconds", metrics.ElapsedSeconds);
        writer.WriteNumber("tokens_per_second", metrics.TokensPerSecond);
        writer.WriteNumber("padding_fraction", metrics.PaddingFraction);
        writer.WriteNumber("memory_bytes", metrics.PeakMemoryBytes);
        if (metrics.ModelFlopsUtilization is { } utilization) writer.WriteNumber("mfu", utilization);
        if (metrics.IsSkipped) writer.WriteBoolean("skipped", true);
        writer.WriteNumber("skipped_steps", metrics.SkippedStepCount);
        if (metrics.Profile is { } profile)
        {
            writer.WriteStartObject(ProfileName);
            foreach (var (name, milliseconds) in profile.Parts) writer.WriteNumber(name, Math.Round(milliseconds, 4));
            writer.WriteEndObject();
        }

        if (metrics.Evaluation is { } evaluation) WriteStatistics(writer, "eval_", evaluation.Statistics);
        if (metrics.Answers is { } answers) WriteAnswers(writer, answers);
    }

    private static void WriteAnswers(Utf8JsonWriter writer, AnswerMetrics answers)
    {
        foreach (var (name, value) in answers.Values) writer.WriteNumber(AnswersPrefix + name, value);
    }

    private static void WriteStatistics(Utf8JsonWriter writer, string prefix, TokenLossStatistics statistics)
    {
        var hasTargets = statistics.Tokens > 0;
        WriteFinite(writer, prefix + "loss", hasTargets ? statistics.Loss : null);
        WriteFinite(writer, prefix + "nll", hasTargets ? statistics.NegativeLogLikelihood : null);
        WriteFinite(writer, prefix + "mean_token_probability", hasTargets ? statistics.MeanTokenProbability : null);
        WriteFinite(writer, prefix + "token_accuracy", hasTargets ? statistics.TokenAccuracy : null);
    }

    private static void WriteHistogram(Utf8JsonWriter writer, TokenLossStatistics statistics)
    {
        if (statistics.Tokens == 0) return;
        writer.WriteStartArray(HistogramName);
        foreach (var count in statistics.Histogram) writer.WriteNumberValue((long)count);
        writer.WriteEndArray();
    }

    private static void WriteFinite(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) writer.WriteNumber(name, number);
        else writer.WriteNull(name);
    }

    /// <summary>Bytes of the whole lines from the file's begin whose steps are at most <paramref name="lastStep"/>.</summary>
    private static long LengthUpTo(FileStream stream, int lastStep)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var length = 0;
        while (true)
        {
            var lineLength = bytes.AsSpan(length).IndexOf((byte)'\n') + 1;
            if (lineLength == 0 || StepOf(bytes.AsSpan(length, lineLength)) is not { } step || step > lastStep) return length;
            length += lineLength;
        }
    }

    /// <summary>The line's step, or null where it is not an object that begins with one.</summary>
    private static int? StepOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            return reader.Read() && reader.Read() && reader.ValueTextEquals("step"u8) && reader.Read() && reader.TryGetInt32(out var step) ? step : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
