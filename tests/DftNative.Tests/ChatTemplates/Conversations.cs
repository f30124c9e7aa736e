using System.Text.Json.Nodes;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Makes up conversations with all that a template may meet.</summary>
internal static class Conversations
{
    private static readonly string[] Contents =
    [
        "Hello", "", " ", "\n", "  leading", "trailing \n", "\n\nboth\n\n", "two\nlines", "é 日本語 😀 👩‍👩‍👧", "<|im_end|>", "{{ x }} {% y %}", "a 'quote' \"double\" \\", "<think>\nhm\n</think>\n\nanswer",
        "<think></think>x", "</think>", "\u001Ccontrol\u0085", "\u00A0nbsp\u00A0", "tab\tend\t", "[INST]", "<tool_response>r</tool_response>", "```python\nprint(1)\n```",
    ];

    /// <summary>The variables of a rendering.</summary>
    public static JsonObject Create(Random random)
    {
        var variables = new JsonObject
        {
            ["messages"] = Messages(random),
            ["add_generation_prompt"] = random.Next(2) == 0,
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["pad_token"] = "<pad>",
            ["unk_token"] = "<unk>",
        };
        if (random.Next(3) == 0) variables["tools"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(i => (JsonNode)Tool(random, i))]);
        else if (random.Next(2) == 0) variables["tools"] = null;
        if (random.Next(4) == 0) variables["documents"] = random.Next(2) == 0 ? null : new JsonArray(new JsonObject { ["title"] = "T", ["text"] = "body" });
        if (random.Next(4) == 0) variables["enable_thinking"] = random.Next(2) == 0;
        if (random.Next(6) == 0) variables["date_string"] = "1 Jan 2025";
        if (random.Next(6) == 0) variables["tools_in_user_message"] = random.Next(2) == 0;
        return variables;
    }

    private static JsonArray Messages(Random random)
    {
        var messages = new JsonArray();
        if (random.Next(2) == 0) messages.Add(Message("system", Content(random)));
        var turns = random.Next(5);
        for (var i = 0; i < turns; i++)
        {
            if (random.Next(12) != 0) messages.Add(Message("user", Content(random)));
            if (random.Next(8) == 0) messages.Add(Message(random.Next(2) == 0 ? "tool" : "developer", Content(random)));
            if (random.Next(5) == 0)
                AddToolCalls(random, messages);
            else if (random.Next(10) != 0)
                messages.Add(Message("assistant", Content(random)));
            if (messages.Count > 0 && random.Next(12) == 0) messages[^1]!["reasoning_content"] = "because\n";
            if (messages.Count > 0 && random.Next(12) == 0) messages[^1]!["name"] = "bob";
        }

        return messages;
    }

    private static void AddToolCalls(Random random, JsonArray messages)
    {
        var calls = new JsonArray([.. Enumerable.Range(0, 1 + random.Next(2)).Select(i => (JsonNode)new JsonObject
        {
            ["id"] = $"call{i:00000}",
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = "get_weather",
                ["arguments"] = random.Next(3) == 0 ? "{\"city\": \"Paris\"}" : new JsonObject { ["city"] = "Zürich", ["days"] = 3, ["exact"] = true, ["at"] = 1.5, ["none"] = null, ["list"] = new JsonArray(1, "b") },
            },
        })]);
        var message = Message("assistant", random.Next(2) == 0 ? null : Content(random));
        message["tool_calls"] = calls;
        messages.Add(message);
        for (var i = 0; i < calls.Count; i++)
        {
            var answer = Message("tool", random.Next(3) == 0 ? new JsonObject { ["t"] = 21.5 } : "{\"t\": 21}");
            answer["tool_call_id"] = $"call{i:00000}";
            answer["name"] = "get_weather";
            messages.Add(answer);
        }
    }

    private static JsonNode? Content(Random random) => random.Next(40) switch
    {
        0 => null,
        1 => new JsonArray(new JsonObject { ["type"] = "text", ["text"] = "part one" }, new JsonObject { ["type"] = "text", ["text"] = " part two" }),
        _ => Contents[random.Next(Contents.Length)] + (random.Next(3) == 0 ? Contents[random.Next(Contents.Length)] : ""),
    };

    private static JsonObject Message(string role, JsonNode? content) => new() { ["role"] = role, ["content"] = content };

    private static JsonObject Tool(Random random, int number) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = $"get_weather{number}",
            ["description"] = "The \"weather\" <of> a place & day's é 😀",
            ["parameters"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["city"] = new JsonObject { ["type"] = "string", ["description"] = "Where" },
                    ["unit"] = new JsonObject { ["type"] = random.Next(2) == 0 ? new JsonArray("string", "null") : "string", ["enum"] = new JsonArray("C", "F") },
                },
                ["required"] = new JsonArray("city"),
            },
        },
    };
}
