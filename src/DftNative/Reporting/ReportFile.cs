using System.Text;

namespace DftNative.Reporting;

/// <summary>Where a report that a user has asked for goes.</summary>
public static class ReportFile
{
    /// <summary>What every report has in its head, and no other page.</summary>
    internal const string Generator = "dftnative";

    private const string Extension = ".html";

    /// <summary>Within which the head's begin lies.</summary>
    private const int HeadLength = 1024;

    /// <summary>Checks that a report may be written: to a name of HTML, and over nothing but a report.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the name is of something else, or something else is there.</exception>
    public static void RequireReplaceable(string path)
    {
        if (Directory.Exists(path)) throw new DftNativeException(ExitCode.Usage, $"output: {path} is a directory; name a file in it that ends in {Extension}");
        if (!Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase))
            throw new DftNativeException(ExitCode.Usage, $"output: {path} is no name for a report; let it end in {Extension}");
        if (File.Exists(path) && !IsReport(path)) throw new DftNativeException(ExitCode.Usage, $"output: {path} is there and is no report of this program; name another file, or move it away");
    }

    private static bool IsReport(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var head = new byte[HeadLength];
            var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(head, 0, length).Contains($"<meta name=\"generator\" content=\"{Generator}\"/>", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, exception);
        }
    }
}
