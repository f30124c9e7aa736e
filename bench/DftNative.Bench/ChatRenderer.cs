using System.Text.Json;
using DftNative.ChatTemplates;
using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Bench;

/// <summary>A model's own chat template on conversations, for bench/device's comparison with transformers.</summary>
internal static class ChatRenderer
{
    /// <summary>Prints, for each line with "messages" and "add_generation_prompt", the rendered text as a JSON string, or null where the template refuses.</summary>
    /// <param name="directory">With tokenizer.json and tokenizer_config.json.</param>
    /// <param name="file">JSON lines.</param>
    public static ExitCode Run(string directory, string file)
    {
        var template = ChatTemplate.Resolve(Tokenizer.Load(directory), null);
        foreach (var line in File.ReadLines(file))
        {
            using var document = JsonDocument.Parse(line);
            var messages = document.RootElement.GetProperty("messages").EnumerateArray()
                .Select(message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)).ToList();
            var prompt = document.RootElement.GetProperty("add_generation_prompt").GetBoolean();
            Console.WriteLine(Render(template, messages, prompt));
        }

        return ExitCode.Success;
    }

    private static string Render(ChatTemplate template, List<ChatMessage> messages, bool addGenerationPrompt)
    {
        try
        {
            return JsonSerializer.Serialize(template.Render(messages, addGenerationPrompt, DateTime.Now).Text);
        }
        catch (DftNativeException)
        {
            return "null";
        }
    }
}
