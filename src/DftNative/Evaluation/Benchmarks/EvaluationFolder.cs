using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>An evaluation's folder: <c>evaluation.json</c> (what was asked), <c>samples.jsonl</c>, <c>summary.json</c>.</summary>
/// <param name="path">The folder; need not exist.</param>
public sealed class EvaluationFolder(string path)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A row a problem.</summary>
    public string SamplesPath => Path.Combine(path, "samples.jsonl");

    /// <summary>The results.</summary>
    public string SummaryPath => Path.Combine(path, "summary.json");

    private string SettingsPath => Path.Combine(path, "evaluation.json");

    /// <summary>Begins an evaluation, or continues the one that is there.</summary>
    /// <param name="settings">What decides the samples, by name.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: another evaluation is there, names what differs; or something else is.</exception>
    public bool Claim(IReadOnlyDictionary<string, string> settings)
    {
        if (File.Exists(path)) throw new DftNativeException(ExitCode.Usage, $"output {path} is a file; name a directory");
        AtomicFile.RemoveLeftovers(path, [.. new[] { SettingsPath, SamplesPath, SummaryPath }.Select(own => Path.GetFileName(own))]);
        if (File.Exists(SettingsPath))
        {
            RequireSame(settings);
            return true;
        }

        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new DftNativeException(ExitCode.Usage, $"output {path} is not empty and holds no evaluation; name another directory");
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWriteDirectory(path, exception);
        }

        AtomicFile.Write(SettingsPath, stream =>
        {
            using var json = new Utf8JsonWriter(stream, WriterOptions);
            json.WriteStartObject();
            foreach (var (name, value) in settings) json.WriteString(name, value);
            json.WriteEndObject();
            return 0;
        });
        return false;
    }

    private void RequireSame(IReadOnlyDictionary<string, string> settings)
    {
        var stored = JsonInput.ParseObject(JsonInput.ReadFile(SettingsPath), SettingsPath, static root =>
            root.EnumerateObject().ToDictionary(static property => property.Name, static property => property.Value.ToString(), StringComparer.Ordinal));
        var differences = settings.Keys.Union(stored.Keys)
            .Where(name => settings.GetValueOrDefault(name) != stored.GetValueOrDefault(name))
            .Select(name => $"{name} was {stored.GetValueOrDefault(name, "not there")} and is {settings.GetValueOrDefault(name, "not there")}")
            .ToList();
        if (differences.Count > 0)
            throw new DftNativeException(ExitCode.Usage, $"{path} holds another evaluation: {string.Join(", ", differences)}; give the values that it began with, or another --output");
    }
}
