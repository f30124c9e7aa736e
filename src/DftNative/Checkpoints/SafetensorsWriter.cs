using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using DftNative.Backends;

namespace DftNative.Checkpoints;

/// <summary>Writes safetensors files as a stream: tensors are declared, then their values are pulled part by part.</summary>
public static class SafetensorsWriter
{
    private const int ChunkLength = 1 << 20;

    /// <summary>Writes a file under a temporary name, flushes it to the disk and renames it.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="entries">The tensors, in the order of the file; names all different.</param>
    /// <param name="metadata">Free strings for the header, such as <c>format: pt</c>.</param>
    /// <param name="read">Gives the values, tensor by tensor in the order of <paramref name="entries"/>.</param>
    /// <returns>XXH64 of the whole file.</returns>
    /// <exception cref="DftNativeException">Exit code 6 when it cannot be written: nothing is left behind then, and an earlier file stays.</exception>
    public static ulong Write(string path, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata, TensorReader read) =>
        AtomicFile.Write(path, stream =>
        {
            var hash = new XxHash64();
            Write(stream, hash, entries, metadata, read);
            return hash.GetHash();
        });

    private static void Write(
        Stream stream, XxHash64 hash, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata, TensorReader read)
    {
        var header = MakeHeader(entries, metadata);
        hash.Append(header);
        stream.Write(header);
        var values = new float[ChunkLength];
        var narrow = new byte[ChunkLength * sizeof(ushort)];
        foreach (var entry in entries)
        {
            for (long start = 0; start < entry.Length; start += ChunkLength)
            {
                var chunk = values.AsSpan(0, (int)Math.Min(ChunkLength, entry.Length - start));
                read(entry.Name, start, chunk);
                var bytes = Narrow(entry, chunk, narrow);
                hash.Append(bytes);
                stream.Write(bytes);
            }
        }
    }

    private static ReadOnlySpan<byte> Narrow(SafetensorsEntry entry, Span<float> values, byte[] scratch)
    {
        var bytes = scratch.AsSpan(0, values.Length * sizeof(ushort));
        switch (entry.DataType)
        {
            case SafetensorsDataType.F32:
                return MemoryMarshal.AsBytes(values);
            case SafetensorsDataType.BF16:
                TensorConversion.ConvertToBFloat16(values, MemoryMarshal.Cast<byte, BFloat16>(bytes));
                return bytes;
            case SafetensorsDataType.F16:
                TensorConversion.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(bytes));
                CheckHalfRange(entry.Name, values, MemoryMarshal.Cast<byte, Half>(bytes));
                return bytes;
            default:
                throw new ArgumentException($"{entry.Name}: {entry.DataType} is not written", nameof(entry));
        }
    }

    private static void CheckHalfRange(string name, ReadOnlySpan<float> values, ReadOnlySpan<Half> halves)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!Half.IsFinite(halves[i]) && float.IsFinite(values[i]))
                throw new DftNativeException(ExitCode.CannotWrite, $"{name}: {values[i]} does not fit float16; pass save_dtype bf16 or fp32");
        }
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
