using System.Text.Json;
using DftNative.Data;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>Rows of samples.jsonl.</summary>
internal static class SampleRows
{
    /// <summary>Writes a row.</summary>
    public static void Write(Utf8JsonWriter json, ProblemSamples row)
    {
        json.WriteStartObject();
        json.WriteString("benchmark", row.Benchmark);
        json.WriteNumber("problem", row.Number);
        json.WriteString("question", row.Problem.Question);
        json.WriteString("answer", row.Problem.Answer);
        if (row.Problem.AnswerAfter is { } mark) json.WriteString("answer_after", mark);
        if (row.Error is not null)
        {
            json.WriteString("error", row.Error);
            json.WriteEndObject();
            return;
        }

        json.WriteNumber("right", row.RightCount);
        WriteMajority(json, row.Majority);
        json.WriteStartArray("samples");
        for (var sample = 0; sample < row.Samples.Count; sample++) WriteSample(json, sample, row.Samples[sample]);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a row back.</summary>
    /// <exception cref="InvalidRowException">It is no such row.</exception>
    public static ProblemSamples Read(JsonElement root)
    {
        try
        {
            var problem = new BenchmarkProblem(Text(root, "question"), Text(root, "answer")) { AnswerAfter = root.TryGetProperty("answer_after", out var mark) ? mark.GetString() : null };
            var (benchmark, number) = (Text(root, "benchmark"), root.GetProperty("problem").GetInt32());
            if (root.TryGetProperty("error", out var error)) return new ProblemSamples(benchmark, number, problem, []) { Error = error.GetString() };
            var row = new ProblemSamples(benchmark, number, problem, [.. root.GetProperty("samples").EnumerateArray().Select(ReadSample)]) { Majority = ReadMajority(root.GetProperty("majority")) };
            return root.GetProperty("right").GetInt32() == row.RightCount ? row : throw new InvalidRowException($"is damaged: its verdicts and their count do not agree; {SampleFile.Mend}");
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidRowException($"is not a row of samples; {SampleFile.Mend}");
        }
    }

    private static void WriteMajority(Utf8JsonWriter json, MajorityVote? majority)
    {
        if (majority is null)
        {
            json.WriteNull("majority");
            return;
        }

        json.WriteStartObject("majority");
        json.WriteString("answer", majority.Answer);
        json.WriteNumber("votes", majority.Votes);
        json.WriteBoolean("right", majority.IsRight);
        json.WriteEndObject();
    }

    private static void WriteSample(Utf8JsonWriter json, int number, GradedSample sample)
    {
        json.WriteStartObject();
        json.WriteNumber("sample", number);
        json.WriteString("text", sample.Text);
        json.WriteString("extracted", sample.Extracted);
        json.WriteString("verdict", SampleVerdicts.NameOf(sample.Verdict));
        json.WriteString("finish_reason", sample.Stopped ? "stop" : "length");
        json.WriteNumber("tokens", sample.TokenCount);
        json.WriteEndObject();
    }

    private static MajorityVote? ReadMajority(JsonElement majority) => majority.ValueKind == JsonValueKind.Null
        ? null
        : new MajorityVote(Text(majority, "answer"), majority.GetProperty("votes").GetInt32(), majority.GetProperty("right").GetBoolean());

    private static GradedSample ReadSample(JsonElement sample) => new(
        Text(sample, "text"),
        sample.GetProperty("extracted").GetString(),
        SampleVerdicts.Parse(sample.GetProperty("verdict").GetString()) ?? throw new InvalidRowException("has a verdict that is none"),
        Text(sample, "finish_reason") == "stop",
        sample.GetProperty("tokens").GetInt32());

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new InvalidRowException($"has '{name}' that is null");
}
