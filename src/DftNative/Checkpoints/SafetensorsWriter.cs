using System.Buffers.Binary;
using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>Writes safetensors files as a stream: tensors are declared, then their values are pulled part by part.</summary>
public static class SafetensorsWriter
{
    private const int PartLength = 1 << 20;
    private const int PartCount = 3;

    /// <summary>Writes a file under a temporary name, flushes it to the disk and renames it. Parts are read and converted, hashed, and written at the same time.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="entries">The tensors, in the order of the file; names all different.</param>
    /// <param name="metadata">Free strings for the header, such as <c>format: pt</c>.</param>
    /// <param name="read">Gives the values, tensor by tensor in the order of <paramref name="entries"/>, on another thread than this.</param>
    /// <returns>XXH64 of the whole file.</returns>
    /// <exception cref="DftNativeException">Exit code 6 when it cannot be written: nothing is left behind then, and an earlier file stays.</exception>
    public static ulong Write(string path, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata, TensorReader read) =>
        AtomicFile.Write(path, stream =>
        {
            using var file = new WriteBehindFile(stream.SafeFileHandle);
            var hash = new XxHash64();
            Append(MakeHeader(entries, metadata));
            var parts = entries.SelectMany(Split).ToArray();
            var longest = parts.Length == 0 ? 0 : parts.Max(part => part.Length);
            SafetensorsPart[] buffers = [.. Enumerable.Range(0, PartCount).Select(_ => new SafetensorsPart(longest))];
            PartPipeline<SafetensorsPart>.Run(parts.Length, 1, buffers, (i, buffer) => buffer.Fill(parts[i].Entry, parts[i].Start, parts[i].Length, read), (_, buffer) => Append(buffer.Bytes));
            file.Complete();
            return hash.GetHash();

            void Append(ReadOnlySpan<byte> bytes)
            {
                hash.Append(bytes);
                file.Write(bytes);
            }
        });

    private static IEnumerable<(SafetensorsEntry Entry, long Start, int Length)> Split(SafetensorsEntry entry)
    {
        for (long start = 0; start < entry.Length; start += PartLength)
            yield return (entry, start, (int)Math.Min(PartLength, entry.Length - start));
    }

    private static byte[] MakeHeader(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = false }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            var names = new HashSet<string>(StringComparer.Ordinal);
            long offset = 0;
            foreach (var entry in entries)
            {
                if (!names.Add(entry.Name)) throw new ArgumentException($"tensor {entry.Name} is declared twice", nameof(entries));
                WriteEntry(json, entry, offset);
                offset += entry.SizeInBytes;
            }

            json.WriteEndObject();
        }

        // The format asks for data aligned to 8 bytes, by spaces after the JSON.
        while (buffer.Length % sizeof(ulong) != 0) buffer.WriteByte((byte)' ');
        var header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - sizeof(ulong)));
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsHeader.MetadataName);
        foreach (var (key, value) in metadata) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry, long offset)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", entry.DataType.ToString());
        json.WriteStartArray("shape");
        foreach (var size in entry.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + entry.SizeInBytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
