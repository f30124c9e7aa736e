using System.Text.Json;

namespace DftNative.Data;

/// <summary>Reads the messages of a row.</summary>
internal static class ChatMessages
{
    /// <summary>What a message may also say that would change its rendering or its loss.</summary>
    private static readonly string[] UnsupportedFields = ["tool_calls", "reasoning_content", "weight"];

    /// <summary>Reads a list of <c>{"role": …, "content": …}</c>.</summary>
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
            foreach (var field in UnsupportedFields)
            {
                if (message.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null)
                    throw new InvalidRowException($"has {place}.{field}, which is not supported; messages have role and content");
            }

            messages.Add(new ChatMessage(ReadString(message, "role", place), ReadString(message, "content", place)));
        }

        if (messages.Count == 0) throw new InvalidRowException($"has a field '{name}' without messages");
        return messages;
    }

    private static string ReadString(JsonElement message, string name, string place) => message.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new InvalidRowException($"has {place}.{name} that is missing or not a text");
}
