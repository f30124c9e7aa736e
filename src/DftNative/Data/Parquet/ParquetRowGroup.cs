namespace DftNative.Data.Parquet;

/// <summary>A group of rows.</summary>
/// <param name="Columns">One a leaf of the schema, in its order.</param>
/// <param name="RowCount">Rows of the group.</param>
internal sealed record ParquetRowGroup(IReadOnlyList<ParquetColumnChunk> Columns, long RowCount);
