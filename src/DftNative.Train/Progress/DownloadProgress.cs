using DftNative.Hub;

namespace DftNative.Train.Progress;

/// <summary>Downloads as one live line on a terminal, or as lines now and then for a file or a pipe.</summary>
/// <param name="output">Written to.</param>
/// <param name="isLive">Whether it is a terminal, whose last line can be written again.</param>
/// <param name="time">Paces the lines.</param>
internal sealed class DownloadProgress(TextWriter output, bool isLive, TimeProvider time) : IHubObserver
{
    private const string RewriteLine = "\r\e[K";

    private readonly TimeSpan interval = isLive ? TimeSpan.FromSeconds(0.2) : TimeSpan.FromSeconds(30);
    private long size;
    private long begin;
    private long beginTimestamp;
    private long lineTimestamp;

    /// <inheritdoc/>
    public void OnCached(HubName name, string commit) => WriteLine($"{name} at commit {commit}, from the cache");

    /// <inheritdoc/>
    public void OnFileStarted(string file, long sizeInBytes, long presentBytes)
    {
        (size, begin) = (sizeInBytes, presentBytes);
        beginTimestamp = lineTimestamp = time.GetTimestamp();
        WriteLine(presentBytes > 0 ? $"fetching {file}, {Bytes(sizeInBytes)}, of which {Bytes(presentBytes)} are there" : $"fetching {file}, {Bytes(sizeInBytes)}");
    }

    /// <inheritdoc/>
    public void OnProgress(string file, long presentBytes)
    {
        // Where the server has made it begin anew.
        begin = Math.Min(begin, presentBytes);
        if (time.GetElapsedTime(lineTimestamp) < interval) return;
        lineTimestamp = time.GetTimestamp();
        var speed = (presentBytes - begin) / Math.Max(1e-3, time.GetElapsedTime(beginTimestamp).TotalSeconds);
        var remaining = speed > 0 ? StepText.FormatRemaining(TimeSpan.FromSeconds(Math.Min((size - presentBytes) / speed, 1e6))) : "?";
        var text = FormattableString.Invariant($"  {file}  {Bytes(presentBytes)} of {Bytes(size)}  {100.0 * presentBytes / Math.Max(1, size):0} %  {Bytes((long)speed)}/s  eta {remaining}");
        output.Write(isLive ? RewriteLine + text : text + "\n");
        output.Flush();
    }

    /// <inheritdoc/>
    public void OnFileFinished(string file)
    {
        if (isLive) output.Write(RewriteLine);
    }

    /// <inheritdoc/>
    public void OnWarning(string message) => WriteLine("warning: " + message);

    private static string Bytes(long count) => count switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{count / 1e9:0.00} GB"),
        >= 1_000_000 => FormattableString.Invariant($"{count / 1e6:0.0} MB"),
        >= 1_000 => FormattableString.Invariant($"{count / 1e3:0.0} kB"),
        _ => $"{count} B",
    };

    private void WriteLine(string text) => output.WriteLine(isLive ? RewriteLine + text : text);
}
