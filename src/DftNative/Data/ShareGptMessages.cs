using System.Text.Json;

namespace DftNative.Data;

/// <summary>Reads ShareGPT's conversations.</summary>
internal static class ShareGptMessages
{
    /// <summary>Reads a list of <c>{"from": …, "value": …}</c>; one of role and content is read as messages are.</summary>
    /// <param name="element">The list.</param>
    /// <param name="system">The row's system message; null: none.</param>
    /// <exception cref="InvalidRowException">It is not such a list, or is empty.</exception>
    public static IReadOnlyList<ChatMessage> Read(JsonElement element, string? system)
    {
        const string name = "conversations";
        var isShareGpt = element.ValueKind == JsonValueKind.Array && element.GetArrayLength() > 0
            && element[0].ValueKind == JsonValueKind.Object && element[0].TryGetProperty("from", out _);
        var messages = isShareGpt ? [.. element.EnumerateArray().Select((turn, i) => ReadTurn(turn, $"{name}[{i}]"))] : ChatMessages.Read(element, name);
        if (string.IsNullOrEmpty(system)) return messages;
        if (messages[0].Role == "system") throw new InvalidRowException($"has a field 'system' and a system turn in '{name}'; leave one out");
        return [new ChatMessage("system", system), .. messages];
    }

    private static ChatMessage ReadTurn(JsonElement turn, string place)
    {
        if (turn.ValueKind != JsonValueKind.Object) throw new InvalidRowException($"has {place} that is not an object with from and value");
        if (RowFields.TryGet(turn, "weight", out _)) throw new InvalidRowException($"has {place}.weight, which is not supported in conversations; give them as messages");
        var from = ReadText(turn, "from", place);
        var role = from switch
        {
            "human" or "user" => "user",
            "gpt" or "assistant" or "chatgpt" or "bing" or "bard" or "model" => "assistant",
            "system" => "system",
            "tool" or "observation" => "tool",
            _ => throw new InvalidRowException($"has {place}.from = '{from}'; it is one of human, gpt, system, tool"),
        };
        return new ChatMessage(role, ReadText(turn, "value", place));
    }

    private static string ReadText(JsonElement turn, string name, string place) => turn.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new InvalidRowException($"has {place}.{name} that is missing or not a text");
}
