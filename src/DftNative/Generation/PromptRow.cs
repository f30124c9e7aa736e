using System.Text.Json;
using DftNative.Data;
using DftNative.Data.Sources;

namespace DftNative.Generation;

/// <summary>A row of a file of prompts.</summary>
/// <param name="Number">Its number in the file from 1.</param>
/// <param name="Fields">The row as it was read.</param>
/// <param name="Text">Its prompt, or null.</param>
/// <param name="Messages">Its conversation, where the prompt is one; an answer at its end is left out.</param>
public sealed record PromptRow(long Number, JsonElement Fields, string? Text, IReadOnlyList<ChatMessage>? Messages)
{
    /// <summary>Reads a file of rows with <c>prompt</c> (a text or messages) or <c>messages</c>.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: it is missing, empty, or a row has neither.</exception>
    public static IReadOnlyList<PromptRow> Read(string path)
    {
        var rows = new List<PromptRow>();
        foreach (var record in RecordSource.Open(path).Read(new ColumnMapping([])))
            rows.Add(JsonLines.Parse(path, record.Number, record.Json, root => FromJson(record.Number, root)));
        return rows.Count > 0 ? rows : throw RowReader.NoRows(path);
    }

    private static PromptRow FromJson(long number, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new InvalidRowException("is not a JSON object");
        if (RowFields.TryGet(root, "prompt", out var prompt))
        {
            if (prompt.ValueKind == JsonValueKind.String) return new PromptRow(number, root.Clone(), prompt.GetString(), null);
            if (prompt.ValueKind != JsonValueKind.Array) throw new InvalidRowException("has a field 'prompt' that is neither a text nor a list of messages");
            return new PromptRow(number, root.Clone(), null, WithoutAnswer(ChatMessages.Read(prompt, "prompt")));
        }

        if (RowFields.TryGet(root, "messages", out var messages)) return new PromptRow(number, root.Clone(), null, WithoutAnswer(ChatMessages.Read(messages, "messages")));
        throw new InvalidRowException("has neither a field 'prompt' nor 'messages'");
    }

    private static IReadOnlyList<ChatMessage> WithoutAnswer(IReadOnlyList<ChatMessage> messages) =>
        messages.Count > 1 && messages[^1].Role == "assistant" ? [.. messages.SkipLast(1)] : messages;
}
