using System.Reflection;
using DftNative.ChatTemplates.Jinja;
using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.ChatTemplates;

/// <summary>How a model writes conversations: its own Jinja template, one of a file, or a built-in one.</summary>
public sealed class ChatTemplate
{
    private const string DefaultName = "default", ToolUseName = "tool_use";

    private readonly JinjaTemplate template;
    private readonly JinjaTemplate? toolTemplate;
    private readonly IReadOnlyDictionary<string, object> specialTokens;

    private ChatTemplate(string name, bool isBuiltIn, JinjaTemplate template, JinjaTemplate? toolTemplate, Tokenizer? tokenizer)
    {
        (Name, IsBuiltIn, this.template, this.toolTemplate) = (name, isBuiltIn, template, toolTemplate);
        specialTokens = tokenizer?.SpecialTokens.ToDictionary(static token => token.Key, static token => (object)token.Value) ?? [];
    }

    /// <summary>The built-in templates. They write texts of system, user and assistant messages, and mark what is generated.</summary>
    public static IReadOnlyList<string> Names { get; } = ["chatml", "qwen2.5", "qwen3", "llama3", "llama3.1"];

    /// <summary>
    /// The time that a template sees in training rows: fixed, so that the same rows come of the same data on another
    /// day. It is the day that Llama 3.1's template falls back on.
    /// </summary>
    public static DateTime TrainingTime { get; } = new(2024, 7, 26);

    /// <summary>What the user calls it, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether it is one of <see cref="Names"/>.</summary>
    public bool IsBuiltIn { get; }

    /// <summary>A built-in template.</summary>
    /// <exception cref="DftNativeException">There is none of that name.</exception>
    public static ChatTemplate ByName(string name, Tokenizer? tokenizer = null)
    {
        if (!Names.Contains(name)) throw Unknown(name, []);
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"templates/{name}.jinja")!;
        using var reader = new StreamReader(stream);
        return new ChatTemplate(name, isBuiltIn: true, JinjaTemplate.Parse(reader.ReadToEnd()), null, tokenizer);
    }

    /// <summary>The template that was asked for, or the model's own; none is guessed.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="name">A built-in template, one of the model's named templates, or a file; null: the model's own.</param>
    /// <exception cref="DftNativeException">There is no such template, the model has none, or it is malformed.</exception>
    public static ChatTemplate Resolve(Tokenizer tokenizer, string? name)
    {
        var own = tokenizer.ChatTemplates;
        if (name is null)
        {
            if (own.Count == 0) throw new DftNativeException(ExitCode.InvalidInput, $"the model has no chat template; give --chat_template {string.Join("|", Names)} or a template's FILE");
            if (!own.TryGetValue(DefaultName, out var text))
                throw new DftNativeException(ExitCode.InvalidInput, $"the model has several chat templates and none is its default; give --chat_template {string.Join("|", own.Keys)}");
            return new ChatTemplate("of the model", isBuiltIn: false, JinjaTemplate.Parse(text), own.TryGetValue(ToolUseName, out var tools) ? JinjaTemplate.Parse(tools) : null, tokenizer);
        }

        if (own.TryGetValue(name, out var named)) return new ChatTemplate(name, isBuiltIn: false, JinjaTemplate.Parse(named), null, tokenizer);
        if (Names.Contains(name)) return ByName(name, tokenizer);
        return File.Exists(name) ? new ChatTemplate(name, isBuiltIn: false, ReadFile(name), null, tokenizer) : throw Unknown(name, own.Keys);
    }

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of an assistant turn is written after them.</param>
    /// <param name="now">What <c>strftime_now</c> reads; null: <see cref="TrainingTime"/>.</param>
    /// <exception cref="JinjaException">The template refuses the messages or fails.</exception>
    public JinjaRendering Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = false, DateTime? now = null) =>
        Render(new ChatConversation(messages), messages.Count, addGenerationPrompt, now);

    /// <summary>The id of the token that ends its assistant turns; null: it ends them with no token of the tokenizer.</summary>
    /// <exception cref="DftNativeException">A built-in template's tokens are not the tokenizer's.</exception>
    public int? FindEndOfTurn(Tokenizer tokenizer) => EndOfTurn.Find(this, tokenizer)?.Id;

    /// <summary>Writes the first messages of a conversation.</summary>
    internal JinjaRendering Render(ChatConversation conversation, int messageCount, bool addGenerationPrompt, DateTime? now = null)
    {
        var variables = new Dictionary<string, object>(specialTokens, StringComparer.Ordinal)
        {
            ["messages"] = JinjaSequence.List(conversation.Messages.Take(messageCount).Select(static message => message.Value)),
            ["tools"] = conversation.Tools ?? JinjaNone.Value,
            ["documents"] = conversation.Documents ?? JinjaNone.Value,
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        foreach (var (key, value) in conversation.TemplateArguments) variables[key] = value;
        return (conversation.Tools is null ? template : toolTemplate ?? template).Render(variables, () => now ?? TrainingTime);
    }

    private static JinjaTemplate ReadFile(string path)
    {
        try
        {
            return JinjaTemplate.Parse(File.ReadAllText(path));
        }
        catch (JinjaException error)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, error);
        }
    }

    private static DftNativeException Unknown(string name, IEnumerable<string> own) => new(
        ExitCode.Usage, $"there is no chat template '{name}'; --chat_template takes {string.Join(", ", Names.Concat(own))} or a template's file");
}
