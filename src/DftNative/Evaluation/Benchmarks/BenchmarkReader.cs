using System.Text.Json;
using DftNative.Data;
using DftNative.Data.Sources;
using DftNative.Evaluation.Grading;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>
/// Reads a benchmark's file, of any format that training rows have. The problem is the column <c>question</c> or
/// <c>problem</c>; the reference answer is <c>final_answer</c> or <c>answer</c> (a text, a number, or a list whose items
/// are all asked for; of a worked solution what stands behind <c>####</c> or in its last box), or else what a
/// <c>solution</c> has there; one that has nothing there, such as a proof, is left out and counted. A column
/// <c>answer_after</c> says behind which text a model's answer stands.
/// </summary>
public static class BenchmarkReader
{
    private static readonly string[] QuestionColumns = ["question", "problem"];
    private static readonly string[] AnswerColumns = ["final_answer", "answer"];
    private const string SolutionColumn = "solution", AnswerAfterColumn = "answer_after";

    /// <summary>Reads a file.</summary>
    /// <param name="name">What the benchmark is called.</param>
    /// <param name="path">The file.</param>
    /// <param name="columns"><c>FIELD=COLUMN</c> pairs: columns by other names; null: there is no option for them.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is missing, empty, or a row has no problem or no answer; names the columns that it has.</exception>
    public static Benchmark Read(string name, string path, IReadOnlyList<string>? columns = null)
    {
        var mapping = new ColumnMapping(columns ?? []);
        var problems = new List<BenchmarkProblem>();
        var skipped = 0;
        foreach (var record in RecordSource.Open(path).Read(mapping))
        {
            if (JsonLines.Parse(path, record.Number, record.Json, root => mapping.Apply(root, row => FromJson(row, columns is not null))) is { } problem) problems.Add(problem);
            else skipped++;
        }

        if (problems.Count > 0) return new Benchmark(name, problems) { SkippedRows = skipped };
        throw skipped == 0 ? RowReader.NoRows(path) : new DftNativeException(
            ExitCode.InvalidInput, $"{path}: none of {skipped} rows has an answer: there is no column answer or final_answer, and no solution has \\boxed{{}} or ####; {Advise("answer", columns is not null)}");
    }

    private static BenchmarkProblem? FromJson(JsonElement root, bool hasColumnOption)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidRowException("is not a JSON object");
        var question = First(root, QuestionColumns) is { ValueKind: JsonValueKind.String } text && !string.IsNullOrWhiteSpace(text.GetString())
            ? text.GetString()!
            : First(root, QuestionColumns) is not null || QuestionColumns.Any(name => root.TryGetProperty(name, out _))
            ? throw new InvalidRowException("has no problem: its question or problem is empty, null or no text; write the problem, or leave the row out")
            : throw new InvalidRowException($"has no problem: no text in question or problem; it has {Names(root)}; {Advise("question", hasColumnOption)}");
        return ReadAnswer(root, hasColumnOption) is { } answer ? new BenchmarkProblem(question, answer) { AnswerAfter = ReadAnswerAfter(root) } : null;
    }

    private static string? ReadAnswerAfter(JsonElement root)
    {
        if (First(root, [AnswerAfterColumn]) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new InvalidRowException($"has {AnswerAfterColumn} that is no text, or empty; write the text behind which answers stand, or leave it out");
    }

    private static string? ReadAnswer(JsonElement root, bool hasColumnOption)
    {
        if (First(root, AnswerColumns) is { } value)
        {
            var answer = AnswerExtractor.ExtractReference(ReadText(value));
            return string.IsNullOrWhiteSpace(answer) ? throw new InvalidRowException("has an answer that is empty") : answer;
        }

        if (First(root, [SolutionColumn]) is { ValueKind: JsonValueKind.String } solution)
        {
            var text = solution.GetString()!;
            var answer = AnswerExtractor.ExtractReference(text);
            // What is no box nor behind the marks is the text itself; a box may be empty.
            return answer != text && !string.IsNullOrWhiteSpace(answer) ? answer : null;
        }

        if (AnswerColumns.Append(SolutionColumn).FirstOrDefault(name => root.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Null) is { } empty)
            throw new InvalidRowException($"has no answer: its {empty} is null; write the answer, or leave the row out");
        throw new InvalidRowException($"has no answer: no column answer or final_answer, and no solution; it has {Names(root)}; {Advise("answer", hasColumnOption)}");
    }

    private static string Advise(string field, bool hasColumnOption) => hasColumnOption ? $"name the column with --column {field}=COLUMN" : $"rename the column to {field}";

    private static string ReadText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Array when value.GetArrayLength() > 0 => string.Join(", ", value.EnumerateArray().Select(ReadText)),
        _ => throw new InvalidRowException("has an answer that is no text, number or list of them"),
    };

    private static JsonElement? First(JsonElement root, string[] names)
    {
        foreach (var name in names)
            if (RowFields.TryGet(root, name, out var value)) return value;
        return null;
    }

    /// <summary>The columns that a row has, as far as a line has room; of a damaged file they may be anything.</summary>
    private static string Names(JsonElement root)
    {
        const int mostNames = 12, mostCharacters = 30;
        string[] names = [.. root.EnumerateObject().Select(static property => string.Concat(property.Name.Take(mostCharacters).Select(static letter => char.IsControl(letter) ? ' ' : letter)))];
        return names.Length == 0 ? "no columns" : string.Join(", ", names.Take(mostNames)) + (names.Length > mostNames ? ", …" : "");
    }
}
