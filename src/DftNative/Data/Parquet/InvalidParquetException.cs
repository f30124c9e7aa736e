namespace DftNative.Data.Parquet;

/// <summary>What is wrong with a Parquet file; its reader adds the file's name.</summary>
internal sealed class InvalidParquetException(string message, Exception? innerException = null) : Exception(message, innerException);
