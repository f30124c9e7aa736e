using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sylvan.Data.Csv;

namespace DftNative.Data.Sources;

/// <summary>Comma-separated values with a header (RFC 4180), UTF-8; every field is a text.</summary>
/// <param name="path">The file, compressed by gzip where its name says so.</param>
internal sealed class CsvRecordSource(string path) : RecordSource(path)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(ColumnMapping columns)
    {
        using var stream = InputStream.Open(Path);
        using var text = new StreamReader(stream, StrictUtf8, detectEncodingFromByteOrderMarks: false);
        using var csv = Open(text);
        var names = ReadHeader(csv);
        columns.CheckColumns(Path, names);
        var wanted = Enumerable.Range(0, names.Length).Where(i => columns.IsWanted(names[i])).ToArray();
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var number = 2L; Try(csv, number, static csv => csv.Read()); number++)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            WriteRow(csv, names, wanted, number, json);
            json.Flush();
            yield return new DataRecord(number, buffer.WrittenMemory);
        }
    }

    private CsvDataReader Open(TextReader text) => Try(text, 1, static text => CsvDataReader.Create(text, new CsvDataReaderOptions
    {
        HasHeaders = true,
        Delimiter = ',',
        CsvStyle = CsvStyle.Standard,
        ResultSetMode = ResultSetMode.SingleResult,
        BufferSize = 1 << 16,
        MaxBufferSize = MaxRecordLength,
        OwnsReader = false,
    }));

    private string[] ReadHeader(CsvDataReader csv)
    {
        var names = new string[csv.FieldCount];
        for (var i = 0; i < names.Length; i++) names[i] = i == 0 ? csv.GetName(i).TrimStart('\uFEFF') : csv.GetName(i);
        if (names.Length == 0) throw Error("holds no rows; a CSV file begins with a line of column names");
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice) throw Error($"has two columns '{twice.Key}'");
        return names;
    }

    private void WriteRow(CsvDataReader csv, string[] names, int[] wanted, long number, Utf8JsonWriter json)
    {
        if (csv.RowFieldCount != names.Length)
            throw Error($"row {number} has {csv.RowFieldCount} fields, the header {names.Length}; a field with a comma, a quote or a line break is put in double quotes");
        json.WriteStartObject();
        foreach (var i in wanted)
        {
            var value = Try(csv, number, csv => csv.GetString(i));
            if (value.Contains('\0')) throw Error($"row {number} holds a raw NUL byte");
            json.WriteString(names[i], value);
        }

        json.WriteEndObject();
    }

    /// <summary>The text is decoded ahead of the rows, so the place is looked for when it matters.</summary>
    private int FindInvalidLine()
    {
        using var stream = InputStream.Open(Path);
        return TextLines.Read(stream, Path).First(line => !Utf8.IsValid(line.Line.Span)).Number;
    }

    private TResult Try<T, TResult>(T input, long number, Func<T, TResult> read)
    {
        try
        {
            return read(input);
        }
        catch (DecoderFallbackException error)
        {
            throw Error($"line {FindInvalidLine()} is not valid UTF-8; save the file as UTF-8", error);
        }
        catch (CsvRecordTooLargeException error)
        {
            throw Error($"row {error.RowNumber + 1} is longer than {MaxRecordLength >> 20} MiB; is a double quote left open?", error);
        }
        catch (Exception error) when (error is CsvFormatException or InvalidDataException)
        {
            throw Error($"row {number} is not valid CSV: {error.Message}", error);
        }
    }
}
