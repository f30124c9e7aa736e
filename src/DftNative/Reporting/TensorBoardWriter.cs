using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace DftNative.Reporting;

/// <summary>
/// Writes a TensorBoard event file: TFRecords (length, its masked CRC-32C, data, its masked CRC-32C) of tensorflow.Event
/// messages, encoded by hand from event.proto and summary.proto.
/// </summary>
public sealed class TensorBoardWriter : IDisposable
{
    private readonly FileStream stream;
    private readonly TimeProvider time;

    /// <summary>Makes a new event file in <paramref name="directory"/>, which is made too.</summary>
    /// <param name="directory">What <c>tensorboard --logdir</c> reads.</param>
    /// <param name="firstStep">TensorBoard drops what earlier files in the directory say of this step and later ones.</param>
    /// <param name="timeProvider">The clock of the events.</param>
    public TensorBoardWriter(string directory, int firstStep, TimeProvider timeProvider)
    {
        time = timeProvider;
        Directory.CreateDirectory(directory);
        var name = $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds()}.dftnative.{Environment.ProcessId}.{firstStep}";
        stream = new FileStream(Path.Combine(directory, name), FileMode.Create, FileAccess.Write, FileShare.Read);
        WriteEvent(0, output =>
        {
            output.WriteRawTag(EventTag.FileVersion);
            output.WriteString("brain.Event:2");
        });
        WriteEvent(firstStep, output => WriteMessage(output, EventTag.SessionLog, log =>
        {
            log.WriteRawTag(SessionLogTag.Status);
            log.WriteEnum(SessionLogTag.Start);
        }));
    }

    /// <summary>Writes one number under several names, all of one step.</summary>
    public void WriteScalars(int step, IEnumerable<(string Tag, double Value)> scalars) =>
        WriteEvent(step, output => WriteMessage(output, EventTag.Summary, summary =>
        {
            foreach (var (tag, value) in scalars)
            {
                WriteMessage(summary, SummaryTag.Value, message =>
                {
                    message.WriteRawTag(SummaryTag.Tag);
                    message.WriteString(tag);
                    message.WriteRawTag(SummaryTag.SimpleValue);
                    message.WriteFloat((float)value);
                });
            }
        }));

    /// <summary>Writes a histogram.</summary>
    /// <param name="step">The step.</param>
    /// <param name="tag">Its name.</param>
    /// <param name="counts">[bins] of equal width.</param>
    /// <param name="minimum">The first bin's lower end.</param>
    /// <param name="maximum">The last bin's upper end.</param>
    public void WriteHistogram(int step, string tag, ReadOnlySpan<double> counts, double minimum, double maximum)
    {
        var bins = counts.ToArray();
        var width = (maximum - minimum) / bins.Length;
        var limits = bins.Select((_, i) => minimum + ((i + 1) * width)).ToArray();
        var centers = limits.Select(limit => limit - (width / 2)).ToArray();
        WriteEvent(step, output => WriteMessage(output, EventTag.Summary, summary => WriteMessage(summary, SummaryTag.Value, value =>
        {
            value.WriteRawTag(SummaryTag.Tag);
            value.WriteString(tag);
            WriteMessage(value, SummaryTag.Histogram, histogram =>
            {
                WriteDouble(histogram, HistogramTag.Minimum, minimum);
                WriteDouble(histogram, HistogramTag.Maximum, maximum);
                WriteDouble(histogram, HistogramTag.Count, bins.Sum());
                WriteDouble(histogram, HistogramTag.Sum, bins.Zip(centers, (count, center) => count * center).Sum());
                WriteDouble(histogram, HistogramTag.SumOfSquares, bins.Zip(centers, (count, center) => count * center * center).Sum());
                WriteDoubles(histogram, HistogramTag.BucketLimits, limits);
                WriteDoubles(histogram, HistogramTag.Buckets, bins);
            });
        })));
    }

    /// <summary>Gives what was written to the operating system, where TensorBoard sees it.</summary>
    public void Flush() => stream.Flush();

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    /// <summary>CRC-32C with the rotation that TFRecord files store, which keeps a CRC of CRCs from degenerating.</summary>
    internal static uint MaskedCrc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
        return unchecked(BitOperations.RotateRight(~crc, 15) + 0xa282ead8);
    }

    private void WriteEvent(int step, Action<CodedOutputStream> writeWhat)
    {
        var data = Encode(output =>
        {
            WriteDouble(output, EventTag.WallTime, time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
            output.WriteRawTag(EventTag.Step);
            output.WriteInt64(step);
            writeWhat(output);
        });
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc32C(header[..8]));
        stream.Write(header);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(header, MaskedCrc32C(data));
        stream.Write(header[..4]);
    }

    private static byte[] Encode(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true)) write(output);
        return buffer.ToArray();
    }

    private static void WriteMessage(CodedOutputStream output, byte tag, Action<CodedOutputStream> write)
    {
        output.WriteRawTag(tag);
        output.WriteBytes(ByteString.CopyFrom(Encode(write)));
    }

    private static void WriteDouble(CodedOutputStream output, byte tag, double value)
    {
        output.WriteRawTag(tag);
        output.WriteDouble(value);
    }

    private static void WriteDoubles(CodedOutputStream output, byte tag, double[] values)
    {
        output.WriteRawTag(tag);
        output.WriteLength(values.Length * sizeof(double));
        foreach (var value in values) output.WriteDouble(value);
    }

    /// <summary>Field number times 8 plus wire type (0 varint, 1 64-bit, 2 length-delimited, 5 32-bit) of tensorflow.Event.</summary>
    private static class EventTag
    {
        public const byte WallTime = (1 << 3) | 1;
        public const byte Step = 2 << 3;
        public const byte FileVersion = (3 << 3) | 2;
        public const byte Summary = (5 << 3) | 2;
        public const byte SessionLog = (7 << 3) | 2;
    }

    /// <summary>Tags of tensorflow.Summary and its Value.</summary>
    private static class SummaryTag
    {
        public const byte Value = (1 << 3) | 2;
        public const byte Tag = (1 << 3) | 2;
        public const byte SimpleValue = (2 << 3) | 5;
        public const byte Histogram = (5 << 3) | 2;
    }

    /// <summary>Tags of tensorflow.HistogramProto.</summary>
    private static class HistogramTag
    {
        public const byte Minimum = (1 << 3) | 1;
        public const byte Maximum = (2 << 3) | 1;
        public const byte Count = (3 << 3) | 1;
        public const byte Sum = (4 << 3) | 1;
        public const byte SumOfSquares = (5 << 3) | 1;
        public const byte BucketLimits = (6 << 3) | 2;
        public const byte Buckets = (7 << 3) | 2;
    }

    /// <summary>tensorflow.SessionLog's tag and the status value that makes TensorBoard drop later steps of earlier files.</summary>
    private static class SessionLogTag
    {
        public const byte Status = 1 << 3;
        public const int Start = 1;
    }
}
