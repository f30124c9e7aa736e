namespace DftNative.Data.Parquet;

/// <summary>Parquet's physical types (parquet.thrift).</summary>
internal enum ParquetType
{
    /// <summary>A bit.</summary>
    Boolean = 0,

    /// <summary>32 bits.</summary>
    Int32 = 1,

    /// <summary>64 bits.</summary>
    Int64 = 2,

    /// <summary>A deprecated time stamp, which is not read.</summary>
    Int96 = 3,

    /// <summary>32 bits.</summary>
    Float = 4,

    /// <summary>64 bits.</summary>
    Double = 5,

    /// <summary>A length and bytes.</summary>
    ByteArray = 6,

    /// <summary>Bytes of one length, which are not read.</summary>
    FixedLengthByteArray = 7,
}
