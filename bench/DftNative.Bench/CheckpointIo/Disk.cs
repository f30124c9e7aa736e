using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace DftNative.Bench.CheckpointIo;

/// <summary>What the disk does by itself: the same files by cat and dd.</summary>
internal static class Disk
{
    /// <summary>Takes files out of the page cache, after writing back what it holds of them.</summary>
    public static void Forget(IEnumerable<string> files)
    {
        foreach (var file in files) Run("dd", $"of={file}", "oflag=nocache", "conv=notrunc,fdatasync", "count=0");
    }

    /// <summary>Seconds that cat takes for the files, one after another.</summary>
    public static double ReadSeconds(IEnumerable<string> files) => Time(() => Run("sh", ["-c", "cat \"$@\" > /dev/null", "cat", .. files]));

    /// <summary>Seconds that dd takes to write copies of the files, until they are on the disk.</summary>
    /// <param name="files">What is copied, best from the page cache.</param>
    /// <param name="copy">The copy; removed again.</param>
    /// <param name="direct">Past the page cache.</param>
    public static double WriteSeconds(IEnumerable<string> files, string copy, bool direct)
    {
        var seconds = 0.0;
        foreach (var file in files)
        {
            string[] arguments = [$"if={file}", $"of={copy}", "bs=16M", "conv=fsync", .. direct ? (string[])["oflag=direct"] : []];
            seconds += Time(() => Run("dd", arguments));
            File.Delete(copy);
        }

        return seconds;
    }

    /// <summary>Seconds that something takes.</summary>
    public static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new DftNativeException(ExitCode.CannotWrite, string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {error.Trim()}"));
        }
        catch (Win32Exception exception)
        {
            throw new DftNativeException(ExitCode.Usage, $"{program}: {exception.Message}; the disk's own rate is measured by cat and dd", exception);
        }
    }
}
