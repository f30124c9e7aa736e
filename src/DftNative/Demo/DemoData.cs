using System.Text.Encodings.Web;
using System.Text.Json;

namespace DftNative.Demo;

/// <summary>The demo's rows as files of the formats that the other commands take, so that each step can be made alone.</summary>
internal static class DemoData
{
    /// <summary>What the models were trained on, mistakes included: <c>prompt</c> and <c>completion</c>.</summary>
    public const string DemonstrationsFileName = "demonstrations.jsonl";

    /// <summary>The held-out problems: <c>question</c>, <c>answer</c>, and <c>answer_after</c>, behind which a solution has its result.</summary>
    public const string ProblemsFileName = "problems.jsonl";

    /// <summary>The same problems with solutions without a mistake: <c>prompt</c> and <c>completion</c>.</summary>
    public const string SolutionsFileName = "solutions.jsonl";

    // A plus is a plus, for who reads the file.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the three files.</summary>
    /// <param name="directory">Exists.</param>
    /// <param name="demonstrations">In the order of training.</param>
    /// <param name="problems">The held-out ones.</param>
    public static void Write(string directory, IEnumerable<(AdditionProblem Problem, string Solution)> demonstrations, IReadOnlyList<AdditionProblem> problems)
    {
        WriteRows(Path.Combine(directory, DemonstrationsFileName), demonstrations.Select(item => Completion(item.Problem, item.Solution)));
        WriteRows(Path.Combine(directory, SolutionsFileName), problems.Select(problem => Completion(problem, WorkedAddition.Solve(problem))));
        WriteRows(Path.Combine(directory, ProblemsFileName), problems.Select(problem =>
            new[] { ("question", problem.Prompt), ("answer", problem.Answer), ("answer_after", WorkedAddition.ResultMark.ToString()) }));
    }

    private static (string Name, string Value)[] Completion(AdditionProblem problem, string solution) => [("prompt", problem.Prompt), ("completion", solution)];

    private static void WriteRows(string path, IEnumerable<(string Name, string Value)[]> rows)
    {
        using var stream = File.Create(path);
        using var json = new Utf8JsonWriter(stream, WriterOptions);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            foreach (var (name, value) in row) json.WriteString(name, value);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            stream.WriteByte((byte)'\n');
        }
    }
}
