namespace DftNative.Data.Sources;

/// <summary>One JSON object a line; blank lines are passed over.</summary>
/// <param name="path">The file, compressed by gzip where its name says so.</param>
internal sealed class JsonLinesRecordSource(string path) : RecordSource(path)
{
    /// <inheritdoc/>
    public override IEnumerable<DataRecord> Read(ColumnMapping columns)
    {
        using var stream = InputStream.Open(Path);
        foreach (var (number, line) in TextLines.Read(stream, Path))
            if (line.Span.ContainsAnyExcept((byte)' ', (byte)'\t', (byte)'\r')) yield return new DataRecord(number, line);
    }
}
