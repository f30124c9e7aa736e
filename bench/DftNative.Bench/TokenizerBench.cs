using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Bench;

/// <summary>Time to load a tokenizer and to encode the strings of a JSONL file.</summary>
internal static class TokenizerBench
{
    /// <summary>Runs once and prints one JSON object: seconds and tokens.</summary>
    /// <param name="directory">The model directory.</param>
    /// <param name="file">Every text field of every line is a text.</param>
    /// <param name="threads">Threads.</param>
    public static int Run(string directory, string file, int threads)
    {
        var processorBefore = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var tokenizer = Tokenizer.Load(directory);
        var load = clock.Elapsed.TotalSeconds;
        var loadProcessor = (Environment.CpuUsage.TotalTime - processorBefore).TotalSeconds;
        var texts = File.ReadLines(file).SelectMany(StringsOf).ToArray();
        var best = double.MaxValue;
        long tokens = 0;
        for (var round = 0; round < 5; round++)
        {
            clock.Restart();
            var ids = tokenizer.EncodeBatch(texts, threadCount: threads);
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
            tokens = ids.Sum(each => (long)each.Length);
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("load_seconds", load);
            writer.WriteNumber("load_processor_seconds", loadProcessor);
            writer.WriteNumber("encode_seconds", best);
            writer.WriteNumber("tokens", tokens);
            writer.WriteEndObject();
        }

        Console.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
        return 0;
    }

    private static string[] StringsOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.String).Select(field => field.Value.GetString()!)];
    }
}
