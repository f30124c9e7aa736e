namespace DftNative.Data;

/// <summary>What is wrong with a row; its reader adds the file and the row number.</summary>
internal sealed class InvalidRowException(string message) : Exception(message);
