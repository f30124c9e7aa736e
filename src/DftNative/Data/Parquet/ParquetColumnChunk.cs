namespace DftNative.Data.Parquet;

/// <summary>A leaf's values within a group of rows.</summary>
/// <param name="Type">Its physical type.</param>
/// <param name="Codec">How its pages are compressed.</param>
/// <param name="ValueCount">Its entries, nulls among them.</param>
/// <param name="Offset">Where its first page begins in the file.</param>
/// <param name="Length">Bytes of its pages.</param>
internal readonly record struct ParquetColumnChunk(ParquetType Type, ParquetCodec Codec, long ValueCount, long Offset, long Length);
