using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DftNative.Data.Sources;

/// <summary>Which columns of a file are fields of a row, some by another name.</summary>
internal sealed class ColumnMapping
{
    private readonly List<(string Field, string Column)> renames = [];

    /// <summary>Reads <c>FIELD=COLUMN</c> pairs: the row's field FIELD is the file's column COLUMN.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a pair is malformed, or its field is not a row's.</exception>
    public ColumnMapping(IReadOnlyList<string> pairs)
    {
        foreach (var pair in pairs)
        {
            var split = pair.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == pair.Length - 1) throw new DftNativeException(ExitCode.Usage, $"column: '{pair}' is not FIELD=COLUMN, such as question=problem");
            var (field, column) = (pair[..split], pair[(split + 1)..]);
            if (!KnownFields.All.Contains(field)) throw new DftNativeException(ExitCode.Usage, $"column: a row has no field '{field}'; its fields are {string.Join(", ", KnownFields.All)}");
            if (renames.Exists(rename => rename.Field == field)) throw new DftNativeException(ExitCode.Usage, $"column: the field '{field}' is given twice");
            renames.Add((field, column));
        }
    }

    /// <summary>The fields that are given by another name.</summary>
    public IEnumerable<string> Fields => renames.Select(rename => rename.Field);

    /// <summary>Whether nothing is renamed.</summary>
    public bool IsEmpty => renames.Count == 0;

    /// <summary>Whether a column is a row's field or stands for one.</summary>
    public bool IsWanted(string column) => KnownFields.All.Contains(column) || renames.Exists(rename => rename.Column == column);

    /// <summary>Checks that the columns that are named are there.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: one is not.</exception>
    public void CheckColumns(string path, IReadOnlyCollection<string> names)
    {
        foreach (var (field, column) in renames)
            if (!names.Contains(column)) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: {Missing(field, column, names)}");
    }

    /// <summary>Renames an object's fields, and hands the object to <paramref name="read"/>.</summary>
    /// <exception cref="InvalidRowException">A column is not there.</exception>
    public T Apply<T>(JsonElement root, Func<JsonElement, T> read)
    {
        if (IsEmpty || root.ValueKind != JsonValueKind.Object) return read(root);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (field, column) in renames)
            {
                if (!root.TryGetProperty(column, out var value)) throw new InvalidRowException($"fails: {Missing(field, column, [.. root.EnumerateObject().Select(property => property.Name)])}");
                json.WritePropertyName(field);
                value.WriteTo(json);
            }

            foreach (var property in root.EnumerateObject())
                if (!renames.Exists(rename => rename.Field == property.Name || rename.Column == property.Name)) property.WriteTo(json);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return read(document.RootElement);
    }

    private static string Missing(string field, string column, IReadOnlyCollection<string> names) =>
        $"there is no column '{column}' for {field}; the columns are {string.Join(", ", names)}";
}
