namespace DftNative;

/// <summary>Why a file cannot be read or written, without the words of .NET and the paths that it adds.</summary>
internal static class FileFault
{
    /// <summary>The error for a file that cannot be read.</summary>
    /// <param name="path">What the user knows it as.</param>
    /// <param name="exception">What reading it threw.</param>
    public static DftNativeException CannotRead(string path, Exception exception) =>
        new(ExitCode.InvalidInput, $"{path}: cannot be read: {Describe(path, exception, "there is no such file")}", exception);

    /// <summary>The reason.</summary>
    /// <param name="path">The file.</param>
    /// <param name="exception">What using it threw.</param>
    /// <param name="missing">What it means that a file or folder of the path is not there.</param>
    /// <param name="isFile">Whether a file is meant, so that a directory is the fault.</param>
    public static string Describe(string path, Exception exception, string missing, bool isFile = true) => exception switch
    {
        UnauthorizedAccessException when isFile && Directory.Exists(path) => "it is a directory; name a file",
        FileNotFoundException or DirectoryNotFoundException => missing,
        UnauthorizedAccessException => "permission is denied",
        _ => exception.Message.Split(" : '")[0].Split(" (Parameter")[0].TrimEnd('.'),
    };
}
