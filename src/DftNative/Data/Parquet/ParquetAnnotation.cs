namespace DftNative.Data.Parquet;

/// <summary>What a schema says about a node beyond its physical type, as far as it matters to rows.</summary>
internal enum ParquetAnnotation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A list: a group around a repeated one.</summary>
    List,

    /// <summary>A whole number without sign.</summary>
    Unsigned,

    /// <summary>A type whose numbers are not what they stand for, such as a decimal or a time.</summary>
    Unsupported,
}
