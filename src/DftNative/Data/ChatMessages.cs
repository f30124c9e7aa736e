using System.Text.Json;
using DftNative.ChatTemplates;
using DftNative.ChatTemplates.Jinja;

namespace DftNative.Data;

/// <summary>Reads the messages of a row.</summary>
internal static class ChatMessages
{
    /// <summary>Reads a list of <c>{"role": …, "content": …}</c>; further fields are the template's, <c>weight</c> is also ours.</summary>
    /// <param name="element">The list.</param>
    /// <param name="name">Its field, for messages.</param>
    /// <exception cref="InvalidRowException">It is not such a list, or is empty.</exception>
    public static IReadOnlyList<ChatMessage> Read(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Array) throw new InvalidRowException($"has a field '{name}' that is not a list of messages");
        var messages = new List<ChatMessage>();
        foreach (var message in element.EnumerateArray())
        {
            var place = $"{name}[{messages.Count}]";
            if (message.ValueKind != JsonValueKind.Object) throw new InvalidRowException($"has {place} that is not an object with role and content");
            if (!message.TryGetProperty("role", out var role) || role.ValueKind != JsonValueKind.String) throw new InvalidRowException($"has {place}.role that is missing or not a text");
            messages.Add(new ChatMessage(role.GetString()!, ReadContent(message, place)) { Weight = ReadWeight(message, place), Value = (JinjaMapping)JinjaJson.FromElement(message) });
        }

        if (messages.Count == 0) throw new InvalidRowException($"has a field '{name}' without messages");
        return messages;
    }

    /// <summary>A conversation with what a row has for its template: <c>tools</c>, <c>documents</c> and <c>chat_template_kwargs</c>.</summary>
    /// <exception cref="InvalidRowException">One of them has the wrong type.</exception>
    public static ChatConversation WithColumns(IReadOnlyList<ChatMessage> messages, int promptCount, JsonElement row)
    {
        var more = RowFields.TryGet(row, "chat_template_kwargs", out var arguments) ? ReadColumn(arguments, "chat_template_kwargs", JsonValueKind.Object) as JinjaMapping : null;
        return new ChatConversation(messages)
        {
            PromptCount = promptCount,
            Tools = RowFields.TryGet(row, "tools", out var tools) ? ReadColumn(tools, "tools", JsonValueKind.Array) : null,
            Documents = RowFields.TryGet(row, "documents", out var documents) ? ReadColumn(documents, "documents", JsonValueKind.Array) : null,
            TemplateArguments = more?.Entries.ToDictionary(static entry => (string)entry.Key, static entry => entry.Value) ?? [],
        };
    }

    /// <summary>A value, or JSON in a text, as tables have it whose columns cannot nest.</summary>
    private static object? ReadColumn(JsonElement element, string name, JsonValueKind kind)
    {
        var value = element;
        if (element.ValueKind == JsonValueKind.String && element.GetString() is { } text)
        {
            if (string.IsNullOrWhiteSpace(text)) return null;
            try
            {
                using var document = JsonDocument.Parse(text);
                value = document.RootElement.Clone();
            }
            catch (JsonException error)
            {
                throw new InvalidRowException($"has a field '{name}' whose text is not JSON: {error.Message}");
            }
        }

        return value.ValueKind == kind ? JinjaJson.FromElement(value) : throw new InvalidRowException($"has a field '{name}' that is not {(kind == JsonValueKind.Array ? "a list" : "an object")}");
    }

    private static string ReadContent(JsonElement message, string place)
    {
        if (message.TryGetProperty("content", out var content) && content.ValueKind is not JsonValueKind.Null)
        {
            if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
            if (content.ValueKind == JsonValueKind.Array)
                return string.Concat(content.EnumerateArray().Select(static part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : ""));
        }
        else if (RowFields.TryGet(message, "tool_calls", out _))
        {
            return "";
        }

        throw new InvalidRowException($"has {place}.content that is missing or not a text");
    }

    private static float ReadWeight(JsonElement message, string place)
    {
        if (!RowFields.TryGet(message, "weight", out var weight)) return 1;
        return weight.ValueKind == JsonValueKind.Number && weight.TryGetSingle(out var value) && float.IsFinite(value) && value >= 0
            ? value
            : throw new InvalidRowException($"has {place}.weight that is not a finite number of at least 0");
    }
}
