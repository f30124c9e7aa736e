using System.Collections.Concurrent;
using DftNative.Hub;

namespace DftNative.Tests.Hub;

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingObserver : IHubObserver
{
    public ConcurrentQueue<string> Warnings { get; } = [];

    public ConcurrentQueue<string> Cached { get; } = [];

    public ConcurrentQueue<(string File, long Size, long Present)> Started { get; } = [];

    public ConcurrentQueue<string> Finished { get; } = [];

    public Action<string, long>? Progress { get; init; }

    public void OnCached(HubName name, string commit) => Cached.Enqueue($"{name}@{commit}");

    public void OnFileStarted(string file, long sizeInBytes, long presentBytes) => Started.Enqueue((file, sizeInBytes, presentBytes));

    public void OnProgress(string file, long presentBytes) => Progress?.Invoke(file, presentBytes);

    public void OnFileFinished(string file) => Finished.Enqueue(file);

    public void OnWarning(string message) => Warnings.Enqueue(message);
}
