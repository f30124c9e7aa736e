using System.Text.Json;
using DftNative.Evaluation.Grading;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>The reference answers of the six benchmarks, from the data folder beside the repository.</summary>
internal static class GoldAnswers
{
    public static readonly string[] Sets = ["math500", "minerva-math", "olympiadbench", "aime24", "amc23", "gsm8k-test"];

    /// <summary>The answers of a set, in its order; the test is ignored where the file is absent.</summary>
    public static List<string> Read(string set) => [.. ReadLines(set).Select(AnswerOf)];

    /// <summary>The worked solutions of a set and its answers.</summary>
    public static List<(string Solution, string Answer)> ReadSolutions(string set, string solution) => [.. ReadLines(set).Select(line =>
    {
        using var document = JsonDocument.Parse(line);
        return (document.RootElement.GetProperty(solution).GetString()!, AnswerOf(line));
    })];

    private static IEnumerable<string> ReadLines(string set)
    {
        var path = Path.Combine(FolderAbove(), set + ".jsonl");
        if (!File.Exists(path)) Assert.Ignore($"{set}.jsonl is not in the folder shared/data beside the repository");
        return File.ReadLines(path);
    }

    private static string FolderAbove()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DftNative.sln"))) directory = directory.Parent;
        return Path.Combine(directory?.Parent?.FullName ?? "", "shared", "data");
    }

    private static string AnswerOf(string line)
    {
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        if (row.TryGetProperty("final_answer", out var final)) return final[0].GetString()!;
        var answer = row.TryGetProperty("answer", out var given) ? given : row.GetProperty("solution");
        return AnswerExtractor.ExtractReference(answer.ValueKind == JsonValueKind.String ? answer.GetString()! : answer.GetRawText());
    }
}
