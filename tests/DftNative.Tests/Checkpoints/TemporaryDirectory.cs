namespace DftNative.Tests.Checkpoints;

/// <summary>An empty directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("dftnative-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The names of everything in it, sorted.</summary>
    public string[] Names => [.. Directory.EnumerateFileSystemEntries(Path).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
