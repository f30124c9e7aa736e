using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using DftNative.Data;
using DftNative.Data.Sources;
using DftNative.Evaluation.Grading;

namespace DftNative.Train.Commands;

/// <summary><c>grade</c>: compares the answers in a file with their references, a row at a time.</summary>
internal static class GradeCommand
{
    private const string Prediction = "prediction", Answer = "answer", AnswerAfter = "answer_after", Extracted = "extracted", Equal = "equal";

    // What is text in the file stays text that can be read.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Rows with \"prediction\" and \"answer\", and \"answer_after\" where answers stand behind a text of their own; one JSON object a line; .gz is decompressed.", HelpName = "FILE" };
        var command = new Command("grade", "Score mathematical answers: each row again, with \"extracted\" and \"equal\" added.") { data };
        command.SetAction(parseResult =>
        {
            var path = parseResult.GetValue(data) ?? throw new DftNativeException(ExitCode.Usage, "--data must be given");
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            return (int)Run(path, output);
        });
        return command;
    }

    /// <summary>Runs the command.</summary>
    /// <param name="path">The file.</param>
    /// <param name="output">Receives the rows in UTF-8, as far as they are good.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: the file or a row is bad.</exception>
    public static ExitCode Run(string path, Stream output)
    {
        using var input = InputStream.Open(path);
        using var writer = new Utf8JsonWriter(output, WriterOptions);
        var isEmpty = true;
        foreach (var (number, line) in TextLines.Read(input, path))
        {
            if (!line.Span.ContainsAnyExcept((byte)' ', (byte)'\t', (byte)'\r')) continue;
            JsonLines.Parse(path, number, line, row =>
            {
                WriteGraded(writer, row);
                return true;
            });
            writer.Flush();
            writer.Reset();
            output.WriteByte((byte)'\n');
            isEmpty = false;
        }

        if (isEmpty) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: holds no rows; give one JSON object a line");
        return ExitCode.Success;
    }

    private static void WriteGraded(Utf8JsonWriter writer, JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new InvalidRowException("is not a JSON object");
        var graded = AnswerGrader.Grade(ReadText(row, Prediction), ReadText(row, Answer), ReadMark(row));
        writer.WriteStartObject();
        foreach (var field in row.EnumerateObject())
            if (!field.NameEquals(Extracted) && !field.NameEquals(Equal)) field.WriteTo(writer);
        writer.WriteString(Extracted, graded.Extracted);
        writer.WriteBoolean(Equal, graded.IsEqual);
        writer.WriteEndObject();
    }

    private static string? ReadMark(JsonElement row)
    {
        if (!RowFields.TryGet(row, AnswerAfter, out _)) return null;
        return ReadText(row, AnswerAfter) is { Length: > 0 } mark ? mark : throw new InvalidRowException($"has '{AnswerAfter}' that is empty");
    }

    // A number is its own text: benchmarks have both.
    private static string ReadText(JsonElement row, string name)
    {
        JsonElement? value = null;
        foreach (var field in row.EnumerateObject())
        {
            if (!field.NameEquals(name)) continue;
            if (value is not null) throw new InvalidRowException($"has '{name}' twice");
            value = field.Value;
        }

        return value?.ValueKind switch
        {
            JsonValueKind.String => value.Value.GetString()!,
            JsonValueKind.Number => value.Value.GetRawText(),
            null => throw new InvalidRowException($"has no '{name}'"),
            _ => throw new InvalidRowException($"has '{name}' that is not a text"),
        };
    }
}
