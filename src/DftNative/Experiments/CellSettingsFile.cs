using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Experiments;

/// <summary><c>settings.json</c> of a run that has begun: what it is made with, so that what is left of it is not taken for another run's.</summary>
internal static class CellSettingsFile
{
    /// <summary>Begins a run, or takes up the one that was begun.</summary>
    /// <param name="path">The file; its directory is there.</param>
    /// <param name="settings">What decides the run, by name.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the run was begun with others; names what differs.</exception>
    public static void Claim(string path, IReadOnlyDictionary<string, string> settings)
    {
        if (File.Exists(path))
        {
            RequireSame(Read(path), settings, Path.GetDirectoryName(path)!);
            return;
        }

        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            foreach (var (name, value) in settings) json.WriteString(name, value);
            json.WriteEndObject();
            return 0;
        });
    }

    /// <summary>Checks that a run is of the settings that are asked for now.</summary>
    /// <param name="settings">What it was made with.</param>
    /// <param name="expected">What is asked for.</param>
    /// <param name="runPath">The run's directory, for the error.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>.</exception>
    public static void RequireSame(IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> expected, string runPath)
    {
        foreach (var name in settings.Keys.Union(expected.Keys))
        {
            var (was, now) = (settings.GetValueOrDefault(name, "nothing"), expected.GetValueOrDefault(name, "nothing"));
            if (was != now)
                throw new DftNativeException(ExitCode.Usage, $"{runPath} was made with {name} {was}, and now it is {now}: change it back, or name another directory with --output");
        }
    }

    private static Dictionary<string, string> Read(string path) => JsonInput.ParseObject(JsonInput.ReadFile(path), path, static root =>
        root.EnumerateObject().ToDictionary(static property => property.Name, static property => property.Value.ToString(), StringComparer.Ordinal));
}
