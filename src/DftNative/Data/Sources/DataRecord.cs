namespace DftNative.Data.Sources;

/// <summary>A row of a data file, whatever the file's format, as a JSON object.</summary>
/// <param name="Number">The row's number in its file from 1, for messages; blank lines and a header count.</param>
/// <param name="Json">UTF-8, not checked yet; valid until the next record is asked for.</param>
internal readonly record struct DataRecord(long Number, ReadOnlyMemory<byte> Json);
