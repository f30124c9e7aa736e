namespace DftNative.Tests.Tokenizers;

/// <summary>A directory for one test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("dftnative-").FullName;

    public string PathOf(string name) => Path.Combine(FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(FullName, recursive: true);
}
