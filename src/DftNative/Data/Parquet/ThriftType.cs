namespace DftNative.Data.Parquet;

/// <summary>Types of Thrift's compact protocol.</summary>
internal enum ThriftType : byte
{
    /// <summary>The end of a structure.</summary>
    Stop = 0,

    /// <summary>A field that is true.</summary>
    True = 1,

    /// <summary>A field that is false.</summary>
    False = 2,

    /// <summary>8 bits.</summary>
    Byte = 3,

    /// <summary>Zigzag, as the next two.</summary>
    Int16 = 4,

    /// <summary>32 bits.</summary>
    Int32 = 5,

    /// <summary>64 bits.</summary>
    Int64 = 6,

    /// <summary>8 bytes.</summary>
    Double = 7,

    /// <summary>A length and bytes.</summary>
    Binary = 8,

    /// <summary>A list.</summary>
    List = 9,

    /// <summary>A set, written as a list.</summary>
    Set = 10,

    /// <summary>A map.</summary>
    Map = 11,

    /// <summary>Fields up to a stop.</summary>
    Structure = 12,
}
