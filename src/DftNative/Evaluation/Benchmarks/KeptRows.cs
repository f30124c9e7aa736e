using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>
/// Makes training rows of samples that are right (rejection sampling, Yuan et al. 2023): <c>problem</c> and
/// <c>solution</c>, which training reads as a user turn and its answer, or of <see cref="PromptStyle.Raw"/> <c>prompt</c>
/// and <c>completion</c>, which it reads as one text; and where they come from.
/// </summary>
public static class KeptRows
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks before anything is sampled that the rows can be written and replace nothing but such rows.</summary>
    /// <param name="keepPath">The file.</param>
    /// <param name="outputPath">The evaluation's folder.</param>
    /// <exception cref="DftNativeException">
    /// <see cref="ExitCode.Usage"/>: another file is there, or the file is one of the evaluation's; <see cref="ExitCode.CannotWrite"/>: its folder is not there.
    /// </exception>
    public static void Check(string keepPath, string outputPath)
    {
        var full = Path.GetFullPath(keepPath);
        if (Path.GetDirectoryName(full) is not { } folder || (!Directory.Exists(folder) && folder != Path.GetFullPath(outputPath)))
            throw new DftNativeException(ExitCode.CannotWrite, $"keep: {keepPath} cannot be written: its folder is not there");
        if (Directory.Exists(full) || folder == Path.TrimEndingDirectorySeparator(Path.GetFullPath(outputPath)))
            throw new DftNativeException(ExitCode.Usage, $"keep: {keepPath} is a folder or in the evaluation's own; name a file elsewhere");
        if (File.Exists(full) && !File.ReadLines(full).Take(1).All(static line => line.Contains("\"prompt_style\"", StringComparison.Ordinal)))
            throw new DftNativeException(ExitCode.Usage, $"keep: {keepPath} is there and holds other rows; name another file");
    }

    /// <summary>Writes the rows: of each problem the first samples that are right and came to an end of their own, each text once.</summary>
    /// <param name="samplesPath">samples.jsonl.</param>
    /// <param name="keepPath">The file; replaced.</param>
    /// <param name="promptStyle">The style that they were sampled with.</param>
    /// <param name="mostPerProblem">The most rows of a problem; 0: all.</param>
    /// <returns>How many rows and of how many problems.</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>.</exception>
    public static (int Rows, int Problems) Write(string samplesPath, string keepPath, PromptStyle promptStyle, int mostPerProblem) => AtomicFile.Write(keepPath, stream =>
    {
        var (rows, problems) = (0, 0);
        using var json = new Utf8JsonWriter(stream, WriterOptions);
        SampleFile.Read(samplesPath, problem =>
        {
            var solutions = problem.Samples
                .Where(static sample => sample is { Verdict: SampleVerdict.Right, Stopped: true })
                .Select(sample => promptStyle == PromptStyle.Raw ? sample.Text : sample.Text.Trim())
                .Distinct(StringComparer.Ordinal)
                .Take(mostPerProblem == 0 ? int.MaxValue : mostPerProblem)
                .ToList();
            foreach (var solution in solutions) WriteRow(json, stream, problem, solution, promptStyle);
            rows += solutions.Count;
            problems += solutions.Count > 0 ? 1 : 0;
        });
        return (rows, problems);
    });

    private static void WriteRow(Utf8JsonWriter json, Stream stream, ProblemSamples problem, string solution, PromptStyle promptStyle)
    {
        var (prompt, response) = promptStyle == PromptStyle.Raw ? ("prompt", "completion") : ("problem", "solution");
        json.WriteStartObject();
        json.WriteString(prompt, problem.Problem.Question);
        json.WriteString(response, solution);
        json.WriteString("source", $"{problem.Benchmark}/{problem.Number}");
        json.WriteString("prompt_style", PromptStyles.NameOf(promptStyle));
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        stream.WriteByte((byte)'\n');
    }
}
