namespace DftNative.Data.Parquet;

/// <summary>A Parquet file's footer.</summary>
/// <param name="Schema">The root; its children are the columns.</param>
/// <param name="RowCount">Rows of the file.</param>
/// <param name="RowGroups">In file order.</param>
internal sealed record ParquetMetadata(ParquetNode Schema, long RowCount, IReadOnlyList<ParquetRowGroup> RowGroups);
