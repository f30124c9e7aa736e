using System.Text.Json;
using System.Text.Unicode;

namespace DftNative.Data.Sources;

/// <summary>
/// A JSON document: an array of objects, an object whose field <c>data</c> is such an array, or objects one after the
/// other, as JSONL files that are named .json have them. Memory holds one object.
/// </summary>
/// <param name="path">The file, compressed by gzip where its name says so.</param>
internal sealed class JsonRecordSource(string path) : RecordSource(path)
{
    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true };

    private enum Place
    {
        /// <summary>Outside of any value.</summary>
        Top,

        /// <summary>In an array of records.</summary>
        Array,

        /// <summary>In the array of a field "data".</summary>
        Data,

        /// <summary>After that array, in its object.</summary>
        AfterData,
    }

    private enum Step
    {
        /// <summary>More bytes are needed.</summary>
        Incomplete,

        /// <summary>Something was read that is no record.</summary>
        Nothing,

        /// <summary>A record was read.</summary>
        Record,

        /// <summary>The file is at its end.</summary>
        End,
    }

    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(ColumnMapping columns)
    {
        using var stream = InputStream.Open(Path);
        var buffer = new byte[1 << 16];
        var (start, end) = (0, 0);
        var isAtEnd = false;
        var isFirst = true;
        var state = new JsonReaderState(Options);
        var place = Place.Top;
        var number = 0L;
        while (true)
        {
            var step = Next(buffer.AsSpan(start, end - start), isAtEnd, ref state, ref place, number + 1, out var consumed, out var record);
            if (step == Step.Incomplete)
            {
                if (isAtEnd) throw Error($"ends within row {number + 1}; copy or download it again");
                if (start > 0) buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                if (end == buffer.Length) buffer = Grow(buffer, number + 1);
                var read = stream.ReadAtLeast(buffer.AsSpan(end), buffer.Length - end, throwOnEndOfStream: false);
                isAtEnd = read < buffer.Length - end;
                end += read;
                if (isFirst && buffer.AsSpan(0, end).StartsWith("\uFEFF"u8)) start = 3;
                isFirst = false;
                continue;
            }

            if (step == Step.End) yield break;
            if (step == Step.Record) yield return new DataRecord(++number, buffer.AsMemory(start + record.Start, record.Length));
            start += consumed;
        }
    }

    private Step Next(
        ReadOnlySpan<byte> bytes, bool isAtEnd, ref JsonReaderState state, ref Place place, long number, out int consumed, out (int Start, int Length) record)
    {
        (consumed, record) = (0, default);
        if (place == Place.Top && bytes.TrimStart(" \t\r\n"u8).IsEmpty) return isAtEnd ? Step.End : Step.Incomplete;
        var reader = new Utf8JsonReader(bytes, isAtEnd, state);
        try
        {
            var reached = place;
            var step = Advance(ref reader, ref reached, number, out record);
            if (step == Step.Incomplete) return step;
            (consumed, state, place) = ((int)reader.BytesConsumed, reader.CurrentState, reached);
            return step;
        }
        catch (JsonException error)
        {
            if (!Utf8.IsValid(bytes[..(int)Math.Min(bytes.Length, reader.BytesConsumed + 64)])) throw Error($"row {number} is not valid UTF-8; save the file as UTF-8", error);
            throw Error($"row {number} is not valid JSON, at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}; the file must be an array of objects, an object with such an array as 'data', or one object a line", error);
        }
    }

    private Step Advance(ref Utf8JsonReader reader, ref Place place, long number, out (int Start, int Length) record)
    {
        record = default;
        if (!reader.Read()) return Step.Incomplete;
        var start = (int)reader.TokenStartIndex;
        switch (place)
        {
            case Place.Top when reader.TokenType == JsonTokenType.StartArray:
                place = Place.Array;
                return Step.Nothing;
            case Place.Top when reader.TokenType == JsonTokenType.StartObject:
                if (!FindData(ref reader, out var hasData)) return Step.Incomplete;
                if (hasData)
                {
                    place = Place.Data;
                    return Step.Nothing;
                }

                break;
            case Place.Array when reader.TokenType == JsonTokenType.EndArray:
                place = Place.Top;
                return Step.Nothing;
            case Place.Data when reader.TokenType == JsonTokenType.EndArray:
                place = Place.AfterData;
                return Step.Nothing;
            case Place.AfterData:
                if (reader.TokenType == JsonTokenType.EndObject) place = Place.Top;
                else if (!reader.Read() || !reader.TrySkip()) return Step.Incomplete;
                return Step.Nothing;
            case Place.Array or Place.Data when reader.TokenType == JsonTokenType.StartObject:
                if (!reader.TrySkip()) return Step.Incomplete;
                break;
            default:
                throw Error($"row {number} is not a JSON object");
        }

        record = (start, (int)reader.BytesConsumed - start);
        return Step.Record;
    }

    /// <summary>Reads an object up to its end, or to the begin of an array <c>data</c> in it.</summary>
    /// <returns>False: more bytes are needed.</returns>
    private static bool FindData(ref Utf8JsonReader reader, out bool hasData)
    {
        hasData = false;
        while (true)
        {
            if (!reader.Read()) return false;
            if (reader.TokenType == JsonTokenType.EndObject) return true;
            var isData = reader.ValueTextEquals("data"u8);
            if (!reader.Read()) return false;
            hasData = isData && reader.TokenType == JsonTokenType.StartArray;
            if (hasData) return true;
            if (!reader.TrySkip()) return false;
        }
    }

    private byte[] Grow(byte[] buffer, long number)
    {
        if (buffer.Length >= MaxRecordLength) throw Error($"row {number} is longer than {MaxRecordLength >> 20} MiB");
        Array.Resize(ref buffer, buffer.Length * 2);
        return buffer;
    }
}
