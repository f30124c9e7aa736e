namespace DftNative.Data.Parquet;

/// <summary>Parquet's compressions (parquet.thrift).</summary>
internal enum ParquetCodec
{
    /// <summary>None.</summary>
    Uncompressed = 0,

    /// <summary>Snappy's block format.</summary>
    Snappy = 1,

    /// <summary>gzip.</summary>
    Gzip = 2,

    /// <summary>Not read.</summary>
    Lzo = 3,

    /// <summary>Brotli.</summary>
    Brotli = 4,

    /// <summary>Hadoop's framing, deprecated; not read.</summary>
    Lz4 = 5,

    /// <summary>Zstandard.</summary>
    Zstd = 6,

    /// <summary>LZ4's block format; not read.</summary>
    Lz4Raw = 7,
}
