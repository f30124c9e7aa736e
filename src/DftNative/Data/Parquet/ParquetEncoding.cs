namespace DftNative.Data.Parquet;

/// <summary>Parquet's encodings (parquet.thrift).</summary>
internal enum ParquetEncoding
{
    /// <summary>One value after another.</summary>
    Plain = 0,

    /// <summary>Indices of a dictionary, as old writers name it.</summary>
    PlainDictionary = 2,

    /// <summary>Runs and bit-packed groups.</summary>
    Rle = 3,

    /// <summary>Levels, as of before 2013; not read.</summary>
    BitPacked = 4,

    /// <summary>Differences; not read.</summary>
    DeltaBinaryPacked = 5,

    /// <summary>Lengths as differences; not read.</summary>
    DeltaLengthByteArray = 6,

    /// <summary>Shared prefixes; not read.</summary>
    DeltaByteArray = 7,

    /// <summary>Indices of a dictionary.</summary>
    RleDictionary = 8,

    /// <summary>Bytes of equal place together; not read.</summary>
    ByteStreamSplit = 9,
}
