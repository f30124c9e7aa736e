using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Data.Parquet;

namespace DftNative.Data.Sources;

/// <summary>A Parquet file; lists and structures become arrays and objects.</summary>
/// <param name="path">The file.</param>
internal sealed class ParquetRecordSource(string path) : RecordSource(path)
{
    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(ColumnMapping columns)
    {
        using var file = Try(0, () => ParquetFile.Open(Path));
        var schema = file.Metadata.Schema;
        string[] names = [.. schema.Children.Select(column => column.Name)];
        columns.CheckColumns(Path, names);
        ParquetNode[] wanted = [.. schema.Children.Where(column => columns.IsWanted(column.Name))];
        if (wanted.Length == 0) throw Error($"has none of a row's columns; it has {string.Join(", ", names)}; name them with --column, such as --column question={names[0]}");
        if (wanted.FirstOrDefault(column => !column.IsSupported) is { } column) throw Error($"the column '{column.Name}' has a type that no row has; write it as text or numbers");
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        var number = 0L;
        foreach (var group in file.Metadata.RowGroups)
        {
            var rows = Try(number + 1, () => OpenGroup(file, wanted, group));
            for (var row = 0L; row < group.RowCount; row++)
            {
                number++;
                buffer.ResetWrittenCount();
                json.Reset();
                Try(number, () =>
                {
                    rows.Write(json);
                    return 0;
                });
                json.Flush();
                yield return new DataRecord(number, buffer.WrittenMemory);
            }

            Try(number, () =>
            {
                rows.Finish();
                return 0;
            });
        }
    }

    private static ParquetRowWriter OpenGroup(ParquetFile file, ParquetNode[] wanted, ParquetRowGroup group)
    {
        var leaves = new ParquetColumnReader?[group.Columns.Count];
        foreach (var column in wanted) Open(column);
        return new ParquetRowWriter(wanted, leaves, MaxRecordLength);

        void Open(ParquetNode node)
        {
            if (node.Type is not null) leaves[node.FirstLeaf] = new ParquetColumnReader(file, node, group.Columns[node.FirstLeaf]);
            foreach (var child in node.Children) Open(child);
        }
    }

    private T Try<T>(long number, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidParquetException error)
        {
            throw Error(number == 0 ? error.Message : $"cannot be read at row {number}: {error.Message}", error);
        }
        catch (InvalidRowException error)
        {
            throw Error($"row {number} {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw InputStream.CannotRead(Path, error);
        }
    }
}
