using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Data;

/// <summary>
/// Reads JSONL files as training rows, one row a line, each of its own form: pretokenized (<c>input_ids</c>,
/// <c>labels</c>, <c>token_weights</c>), <c>messages</c>, <c>prompt</c>/<c>completion</c> (texts or lists of messages),
/// <c>question</c>/<c>answer</c> and <c>problem</c>/<c>solution</c> (a user and an assistant turn), <c>text</c>. Where a
/// row fits several, the first of this list is meant.
/// </summary>
public sealed class RowReader
{
    private readonly Tokenizer? tokenizer;
    private readonly int vocabularySize;
    private readonly RowReaderOptions options;
    private readonly TextRowEncoder? encoder;

    /// <summary>Makes a reader.</summary>
    /// <param name="tokenizer">The model's tokenizer; null: pretokenized rows only.</param>
    /// <param name="vocabularySize">One more than the greatest id that the model takes.</param>
    /// <param name="options">How rows are made.</param>
    public RowReader(Tokenizer? tokenizer, int vocabularySize, RowReaderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLength, 1);
        (this.tokenizer, this.vocabularySize, this.options) = (tokenizer, vocabularySize, options);
        encoder = tokenizer is null ? null : new TextRowEncoder(tokenizer, options);
    }

    /// <summary>What has been read so far.</summary>
    public DataReport Report { get; } = new();

    /// <summary>Reads files as a stream; rows that are dropped are counted and left out, rows without a target counted and kept: they have their place in a step and contribute 0.</summary>
    /// <exception cref="DftNativeException">A row is malformed, or the files hold no row or nothing to train.</exception>
    public IEnumerable<TrainingRow> Read(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var before = Report.RowCount;
            foreach (var (number, line) in JsonLines.ReadLines(path))
            {
                var row = JsonLines.Parse(path, number, line, ReadRow);
                if (Admit(row) is { } admitted) yield return admitted;
            }

            if (Report.RowCount == before) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: holds no rows; give a file of one JSON object a line");
        }

        if (Report.TrainedTokenCount == 0) throw new DftNativeException(ExitCode.InvalidInput, $"{string.Join(", ", paths)}: nothing to train in {Report.RowCount} rows ({Report.DroppedRowCount} longer than max_length, {Report.RowWithoutTargetCount} wholly masked)");
    }

    private TrainingRow? Admit(TrainingRow row)
    {
        Report.RowCount++;
        var length = row.InputIds.Length;
        Report.LongestRow = Math.Max(Report.LongestRow, length);
        if (length > options.MaxLength)
        {
            if (options.Truncation == Truncation.Drop)
            {
                Report.DroppedRowCount++;
                return null;
            }

            Report.TruncatedRowCount++;
            row = new TrainingRow(row.InputIds[..options.MaxLength], row.Labels[..options.MaxLength], row.TokenWeights?[..options.MaxLength]);
        }

        var targets = row.CountTargets();
        if (targets == 0) Report.RowWithoutTargetCount++;
        if (row.InputIds.Length == 0) return null;
        Report.TokenCount += row.InputIds.Length;
        Report.TrainedTokenCount += targets;
        return row;
    }

    private TrainingRow ReadRow(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidRowException("is not a JSON object");
        if (RowFields.TryGet(root, "input_ids", out _)) return PretokenizedRow.Read(root, vocabularySize);
        if (encoder is null) throw new InvalidRowException("has no field 'input_ids', and the model directory has no tokenizer.json to make ids of text; add the tokenizer files or pretokenize");
        var row = ReadTextRow(root, encoder);
        foreach (var id in row.InputIds)
            if (id >= vocabularySize) throw new InvalidRowException($"holds the token '{tokenizer!.IdToToken(id)}' with id {id}, which is outside the model's vocabulary of {vocabularySize} tokens; tokenizer and model do not belong together");
        return row;
    }

    private TrainingRow ReadTextRow(JsonElement root, TextRowEncoder textEncoder)
    {
        if (RowFields.TryGet(root, "messages", out var messages)) return EncodeConversation(ChatMessages.Read(messages, "messages"), 0, textEncoder);
        if (RowFields.TryGet(root, "prompt", out var prompt))
        {
            if (!RowFields.TryGet(root, "completion", out var completion)) throw new InvalidRowException("has a field 'prompt' but no 'completion'");
            if (prompt.ValueKind != JsonValueKind.Array) return textEncoder.EncodeCompletion(ReadString(prompt, "prompt"), ReadString(completion, "completion"));
            var promptMessages = ChatMessages.Read(prompt, "prompt");
            return EncodeConversation([.. promptMessages, .. ChatMessages.Read(completion, "completion")], promptMessages.Count, textEncoder);
        }

        foreach (var (asked, answered) in new[] { ("question", "answer"), ("problem", "solution") })
        {
            if (!RowFields.TryGet(root, asked, out var question) || !RowFields.TryGet(root, answered, out var answer)) continue;
            return EncodeConversation([new ChatMessage("user", ReadString(question, asked)), new ChatMessage("assistant", ReadString(answer, answered))], 0, textEncoder);
        }

        if (RowFields.TryGet(root, "text", out var text)) return textEncoder.EncodeText(ReadString(text, "text"));
        throw new InvalidRowException("has none of the fields of a row: messages, prompt and completion, question and answer, problem and solution, text, or input_ids and labels");
    }

    private TrainingRow EncodeConversation(IReadOnlyList<ChatMessage> messages, int promptCount, TextRowEncoder textEncoder)
    {
        if (messages[^1].Role != "assistant") Report.OpenConversationCount++;
        return textEncoder.EncodeMessages(messages, promptCount);
    }

    private static string ReadString(JsonElement element, string name) => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : throw new InvalidRowException($"has a field '{name}' that is not a text");
}
