using System.Collections.Concurrent;
using System.Text.Json;
using DftNative.Data.Sources;
using DftNative.Tokenizers;

namespace DftNative.Data;

/// <summary>
/// Reads files as training rows, each row of its own form (see <see cref="RowForm"/>). Where a row fits several, the
/// first of them is meant, unless the options name one or rename columns to one's fields.
/// </summary>
public sealed class RowReader
{
    private readonly Tokenizer? tokenizer;
    private readonly int vocabularySize;
    private readonly RowReaderOptions options;
    private readonly ColumnMapping columns;
    private readonly ConcurrentBag<TextRowEncoder> encoders = [];

    /// <summary>Makes a reader.</summary>
    /// <param name="tokenizer">The model's tokenizer; null: pretokenized rows only.</param>
    /// <param name="vocabularySize">One more than the greatest id that the model takes.</param>
    /// <param name="options">How rows are made.</param>
    public RowReader(Tokenizer? tokenizer, int vocabularySize, RowReaderOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxLength, 1);
        (this.tokenizer, this.vocabularySize, this.options) = (tokenizer, vocabularySize, options);
        columns = new ColumnMapping(options.Columns);
    }

    /// <summary>One more than the greatest id that the model takes.</summary>
    public int VocabularySize => vocabularySize;

    /// <summary>How rows are made.</summary>
    public RowReaderOptions Options => options;

    /// <summary>What <see cref="Read"/> has read so far.</summary>
    public DataReport Report { get; } = new();

    /// <summary>Reads files as a stream, on all cores; rows that are dropped are counted and left out, rows without a target counted and kept: they have their place in a step and contribute 0.</summary>
    /// <param name="paths">Files of any format that <c>RecordSource</c> knows: JSONL, JSON, CSV (each also .gz), Parquet.</param>
    /// <exception cref="DftNativeException">A row is malformed, or the files hold no row or nothing to train.</exception>
    public IEnumerable<TrainingRow> Read(IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var before = Report.RowCount;
            foreach (var record in ReadRecords(path, first: 0, long.MaxValue))
                if (Admit(record, Report) is { } admitted) yield return admitted;
            if (Report.RowCount == before) throw NoRows(path);
        }

        if (Report.TrainedTokenCount == 0) throw NothingToTrain(string.Join(", ", paths), Report);
    }

    /// <summary>Reads a file's records, encoded but not cut.</summary>
    /// <param name="path">The file.</param>
    /// <param name="first">How many records to pass over.</param>
    /// <param name="end">How many records the file is taken to have at most.</param>
    internal IEnumerable<EncodedRecord> ReadRecords(string path, long first, long end)
    {
        var records = RecordSource.Open(path).Read(columns);
        if (end < int.MaxValue) records = records.Take((int)end);
        if (first > 0) records = records.Skip(checked((int)first));
        return RecordPipeline.Run(records, record => Encode(path, record));
    }

    /// <summary>The number by which messages name a row of a file.</summary>
    /// <param name="path">The file, as it was when it was read before.</param>
    /// <param name="index">The row among those that are not left out, from 0.</param>
    /// <exception cref="DftNativeException">There is no such row any more.</exception>
    internal long FindNumber(string path, int index)
    {
        var report = new DataReport();
        foreach (var (number, record) in RecordPipeline.Run(RecordSource.Open(path).Read(columns), record => (record.Number, Encode(path, record))))
            if (Admit(record, report) is not null && index-- == 0) return number;
        throw new DftNativeException(ExitCode.InvalidInput, $"{path}: was changed while it was used");
    }

    /// <summary>The error for a file without rows.</summary>
    internal static DftNativeException NoRows(string path) => new(ExitCode.InvalidInput, $"{path}: holds no rows; give a file of one JSON object a line, or {RecordSource.Formats}");

    /// <summary>The error for files without a target.</summary>
    internal static DftNativeException NothingToTrain(string what, DataReport report) => new(
        ExitCode.InvalidInput, $"{what}: nothing to train in {report.RowCount} rows ({report.DroppedRowCount} longer than max_length, {report.RowWithoutTargetCount} wholly masked)");

    /// <summary>Counts a record; cuts its row or leaves it out.</summary>
    internal TrainingRow? Admit(EncodedRecord record, DataReport report)
    {
        var row = record.Row;
        report.RowCount++;
        if (record.IsOpen) report.OpenConversationCount++;
        var length = row.InputIds.Length;
        report.LongestRow = Math.Max(report.LongestRow, length);
        if (length > options.MaxLength)
        {
            if (options.Truncation == Truncation.Drop)
            {
                report.DroppedRowCount++;
                return null;
            }

            report.TruncatedRowCount++;
            row = new TrainingRow(row.InputIds[..options.MaxLength], row.Labels[..options.MaxLength], row.TokenWeights?[..options.MaxLength]);
        }

        var targets = row.CountTargets();
        if (targets == 0) report.RowWithoutTargetCount++;
        if (row.InputIds.Length == 0) return null;
        report.TokenCount += row.InputIds.Length;
        report.TrainedTokenCount += targets;
        return row;
    }

    private EncodedRecord Encode(string path, DataRecord record)
    {
        var rented = tokenizer is null ? null : encoders.TryTake(out var free) ? free : new TextRowEncoder(tokenizer, options);
        var result = JsonLines.Parse(path, record.Number, record.Json, root => columns.Apply(root, root => ReadRow(root, rented)));
        if (rented is not null) encoders.Add(rented);
        return result;
    }

    private EncodedRecord ReadRow(JsonElement root, TextRowEncoder? encoder)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidRowException("is not a JSON object");
        var form = RowForms.Find(root, options.Form, columns);
        if (form == RowForm.InputIds) return new EncodedRecord(PretokenizedRow.Read(root, vocabularySize), IsOpen: false);
        if (encoder is null) throw new InvalidRowException("has no field 'input_ids', and the model directory has no tokenizer.json to make ids of text; add the tokenizer files or pretokenize");
        var record = ReadTextRow(root, form, encoder);
        foreach (var id in record.Row.InputIds)
            if (id >= vocabularySize) throw new InvalidRowException($"holds the token '{tokenizer!.IdToToken(id)}' with id {id}, which is outside the model's vocabulary of {vocabularySize} tokens; tokenizer and model do not belong together");
        return record;
    }

    private EncodedRecord ReadTextRow(JsonElement root, RowForm form, TextRowEncoder encoder) => form switch
    {
        RowForm.Messages => EncodeConversation(ChatMessages.Read(root.GetProperty("messages"), "messages"), 0, root, encoder),
        RowForm.Conversations => EncodeConversation(
            ShareGptMessages.Read(root.GetProperty("conversations"), RowFields.TryGet(root, "system", out _) ? ReadString(root, "system") : null), 0, root, encoder),
        RowForm.PromptCompletion => ReadPromptCompletion(root, encoder),
        RowForm.QuestionAnswer => EncodeTurns(ReadString(root, "question"), ReadString(root, "answer"), null, root, encoder),
        RowForm.ProblemSolution => EncodeTurns(ReadString(root, "problem"), ReadString(root, "solution"), null, root, encoder),
        RowForm.Alpaca => ReadAlpaca(root, encoder),
        _ => new EncodedRecord(encoder.EncodeText(ReadString(root, "text")), IsOpen: false),
    };

    private EncodedRecord ReadPromptCompletion(JsonElement root, TextRowEncoder encoder)
    {
        if (!RowFields.TryGet(root, "completion", out var completion)) throw new InvalidRowException("has a field 'prompt' but no 'completion'");
        var prompt = root.GetProperty("prompt");
        if (prompt.ValueKind != JsonValueKind.Array) return new EncodedRecord(encoder.EncodeCompletion(ReadString(root, "prompt"), ReadString(root, "completion")), IsOpen: false);
        var promptMessages = ChatMessages.Read(prompt, "prompt");
        return EncodeConversation([.. promptMessages, .. ChatMessages.Read(completion, "completion")], promptMessages.Count, root, encoder);
    }

    private EncodedRecord ReadAlpaca(JsonElement root, TextRowEncoder encoder)
    {
        if (RowFields.TryGet(root, "history", out var history) && (history.ValueKind != JsonValueKind.Array || history.GetArrayLength() > 0))
            throw new InvalidRowException("has a field 'history', which is not supported; give such conversations as messages");
        var input = RowFields.TryGet(root, "input", out _) ? ReadString(root, "input") : "";
        var instruction = ReadString(root, "instruction");
        var system = RowFields.TryGet(root, "system", out _) ? ReadString(root, "system") : null;
        return EncodeTurns(input.Length == 0 ? instruction : $"{instruction}\n{input}", ReadString(root, "output"), system, root, encoder);
    }

    private EncodedRecord EncodeTurns(string user, string assistant, string? system, JsonElement row, TextRowEncoder encoder)
    {
        List<ChatMessage> messages = string.IsNullOrEmpty(system) ? [] : [new ChatMessage("system", system)];
        messages.Add(new ChatMessage("user", user));
        messages.Add(new ChatMessage("assistant", assistant));
        return EncodeConversation(messages, 0, row, encoder);
    }

    private EncodedRecord EncodeConversation(IReadOnlyList<ChatMessage> messages, int promptCount, JsonElement row, TextRowEncoder encoder)
    {
        var isOpen = messages[^1].Role != "assistant";
        var conversation = ChatMessages.WithColumns(messages, promptCount, row);
        if (options.ResponseEnd == ResponseEnd.Turn) return new EncodedRecord(encoder.EncodeMessages(conversation), isOpen);
        if (isOpen || messages.Count == 1) throw new InvalidRowException("does not end with an answer to a message, which response_end eos needs");
        return new EncodedRecord(encoder.EncodeResponse(conversation), IsOpen: false);
    }

    private static string ReadString(JsonElement root, string name) => root.GetProperty(name) is { ValueKind: JsonValueKind.String } element
        ? element.GetString()!
        : throw new InvalidRowException($"has a field '{name}' that is not a text");
}
