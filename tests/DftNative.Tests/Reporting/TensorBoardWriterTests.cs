using System.Buffers.Binary;
using System.Text;
using DftNative.Reporting;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;
using Google.Protobuf;

namespace DftNative.Tests.Reporting;

/// <summary>Event files, read back by a reader that shares nothing with the writer but the protobuf primitives.</summary>
public sealed class TensorBoardWriterTests
{
    private static readonly double[] Counts = [1, 0, 2, 5];

    [Test]
    public void Crc32CIsMaskedAsTfRecordsAre()
    {
        // RFC 3720's CRC-32C of 32 zero bytes, 0x8a9136aa, rotated and offset by hand.
        const uint Crc = 0x8a9136aa;
        var expected = unchecked(((Crc >> 15) | (Crc << 17)) + 0xa282ead8);
        Assert.That(TensorBoardWriter.MaskedCrc32C(new byte[32]), Is.EqualTo(expected));
    }

    [Test]
    public void ScalarsAndHistogramsAreReadBack()
    {
        using var scratch = new ScratchDirectory();
        using (var writer = new TensorBoardWriter(scratch.PathOf("tb"), firstStep: 5, TimeProvider.System))
        {
            writer.WriteScalars(7, [("train/loss", 0.25), ("train/nll", 1.5)]);
            writer.WriteHistogram(300, "p", Counts, 0, 1);
        }

        var events = ReadEvents(Directory.GetFiles(scratch.PathOf("tb")).Single());
        Assert.That(events, Has.Count.EqualTo(4));
        Assert.Multiple(() =>
        {
            Assert.That(Text(events[0], 3), Is.EqualTo("brain.Event:2"));
            Assert.That(events[1].Single(field => field.Number == 2).Varint, Is.EqualTo(5));
            Assert.That(Parse(Bytes(events[1], 7)).Single().Varint, Is.EqualTo(1), "SessionLog START");
            Assert.That(events[2].Single(field => field.Number == 2).Varint, Is.EqualTo(7));
        });

        var values = Parse(Bytes(events[2], 5)).Select(value => Parse(value.Payload!)).ToList();
        Assert.That(values.Select(value => (Text(value, 1), Number(value, 2))), Is.EqualTo(new[] { ("train/loss", 0.25), ("train/nll", 1.5) }));
        var histogram = Parse(Bytes(Parse(Bytes(Parse(Bytes(events[3], 5)), 1)), 5));
        Assert.Multiple(() =>
        {
            Assert.That(events[3].Single(field => field.Number == 2).Varint, Is.EqualTo(300));
            Assert.That(Enumerable.Range(1, 5).Select(number => Number(histogram, number)), Is.EqualTo(new[] { 0, 1, 8, 0.125 + (2 * 0.625) + (5 * 0.875), 0.015625 + (2 * 0.390625) + (5 * 0.765625) }));
            Assert.That(Doubles(Bytes(histogram, 6)), Is.EqualTo(new[] { 0.25, 0.5, 0.75, 1 }));
            Assert.That(Doubles(Bytes(histogram, 7)), Is.EqualTo(Counts));
        });
    }

    /// <summary>A run's events: of every step the scalars and the histogram of p, of evaluated ones theirs too.</summary>
    [Test]
    public void ARunWritesScalarsAndHistograms()
    {
        using var run = new TinyRun();
        var options = run.Options("out");
        (options.EvalSteps, options.Profile) = (6, true);
        run.Train(options, evaluationRows: TinyRun.Rows(5, seed: 2));
        var metrics = TrainerTests.Metrics(run.PathOf("out"));
        var values = ReadEvents(Directory.GetFiles(run.PathOf("out/tensorboard")).Single()).Where(fields => fields.Any(field => field.Number == 5))
            .SelectMany(fields => Parse(Bytes(fields, 5)).Select(value => (Step: (int)fields.Single(field => field.Number == 2).Varint, Value: Parse(value.Payload!)))).ToLookup(entry => Text(entry.Value, 1));
        Assert.Multiple(() =>
        {
            foreach (var (tag, name) in new[] { ("train/loss", "loss"), ("train/nll", "nll"), ("train/mean_token_probability", "mean_token_probability"), ("train/grad_norm", "grad_norm"), ("train/learning_rate", "learning_rate") })
                Assert.That(values[tag].Select(entry => Number(entry.Value, 2)), Is.EqualTo(metrics.Select(step => (double)(float)step.GetProperty(name).GetDouble())), tag);
            Assert.That(values["eval/nll"].Select(entry => entry.Step), Is.EqualTo(new[] { 6, 12 }));
            Assert.That(values["eval/token_probability"].Select(entry => entry.Step), Is.EqualTo(new[] { 6, 12 }));
            Assert.That(values["profile_ms/attention"].Count(), Is.EqualTo(12));
            Assert.That(
                values["train/token_probability"].Select(entry => Doubles(Bytes(Parse(Bytes(entry.Value, 5)), 7))),
                Is.EqualTo(metrics.Select(step => step.GetProperty("probability_histogram").EnumerateArray().Select(count => count.GetDouble()).ToArray())));
        });
    }

    private static List<List<Field>> ReadEvents(string path)
    {
        var file = File.ReadAllBytes(path);
        var events = new List<List<Field>>();
        for (var position = 0; position < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(position));
            var data = file.AsSpan(position + 12, length);
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(position + 8)), Is.EqualTo(MaskedCrc(file.AsSpan(position, 8))));
            Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(position + 12 + length)), Is.EqualTo(MaskedCrc(data)));
            events.Add(Parse(data.ToArray()));
            position += length + 16;
        }

        return events;
    }

    private static List<Field> Parse(byte[] message)
    {
        var fields = new List<Field>();
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            fields.Add(WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => new Field(number, input.ReadInt64(), 0, null),
                WireFormat.WireType.Fixed64 => new Field(number, 0, input.ReadDouble(), null),
                WireFormat.WireType.Fixed32 => new Field(number, 0, input.ReadFloat(), null),
                _ => new Field(number, 0, 0, input.ReadBytes().ToByteArray()),
            });
        }

        return fields;
    }

    private static byte[] Bytes(List<Field> message, int number) => message.Single(field => field.Number == number).Payload!;

    private static string Text(List<Field> message, int number) => Encoding.UTF8.GetString(Bytes(message, number));

    private static double Number(List<Field> message, int number) => message.Single(field => field.Number == number).Floating;

    private static double[] Doubles(byte[] bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(i * 8)))];

    /// <summary>Bit by bit, from the polynomial.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8);
    }

    private sealed record Field(int Number, long Varint, double Floating, byte[]? Payload);
}
