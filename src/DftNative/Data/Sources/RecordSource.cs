namespace DftNative.Data.Sources;

/// <summary>A data file as a stream of records; which format it has, its name says.</summary>
/// <param name="path">The file.</param>
internal abstract class RecordSource(string path)
{
    /// <summary>The most bytes of a record: more is no row but a file that is not what its name says.</summary>
    public const int MaxRecordLength = 1 << 26;

    /// <summary>The formats, for messages.</summary>
    public const string Formats = ".jsonl, .ndjson, .json, .csv, each also with .gz, and .parquet";

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The source for a file's name. The file is opened when it is read.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: no format has such a name.</exception>
    public static RecordSource Open(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return System.IO.Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".json" => new JsonRecordSource(path),
            ".csv" => new CsvRecordSource(path),
            ".parquet" when name == path => new ParquetRecordSource(path),
            ".parquet" or ".tsv" or ".arrow" or ".feather" or ".zst" or ".zip" or ".xz" or ".bz2" => throw new DftNativeException(
                ExitCode.InvalidInput, $"{path}: files of this kind are not read; convert it to one of {Formats}"),
            _ => new JsonLinesRecordSource(path),
        };
    }

    /// <summary>The records, in file order; memory holds one, of Parquet one page a column.</summary>
    /// <param name="columns">Which columns matter: a source that can leave others unread does.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: the file is missing or damaged; names the place.</exception>
    public abstract IEnumerable<DataRecord> Read(ColumnMapping columns);

    /// <summary>An error of this file.</summary>
    protected DftNativeException Error(string message, Exception? innerException = null) => new(ExitCode.InvalidInput, $"{path}: {message}", innerException);
}
