using System.Text;
using DftNative.Tokenizers;

namespace DftNative.Data;

/// <summary>
/// How a family of models writes conversations. Each renders plain system, user and assistant messages as the family's
/// own Jinja template does.
/// </summary>
public abstract class ChatFormat
{
    /// <summary>The names that <see cref="ByName"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["chatml", "qwen2.5", "qwen3", "llama3", "llama3.1"];

    /// <summary>The name, as <c>--chat_template</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>The token that ends every turn.</summary>
    public abstract string EndOfTurn { get; }

    /// <summary>The format of that name: ChatML alone, or as Qwen2.5 or Qwen3 write it; Llama 3, or with Llama 3.1's date header.</summary>
    /// <exception cref="DftNativeException">There is none of that name.</exception>
    public static ChatFormat ByName(string name) => name switch
    {
        "chatml" => new ChatMlFormat(name, defaultSystemPrompt: null),
        "qwen2.5" => new ChatMlFormat(name, ChatMlFormat.QwenSystemPrompt),
        "qwen3" => new Qwen3Format(),
        "llama3" => new Llama3Format(name, hasDateHeader: false),
        "llama3.1" => new Llama3Format(name, hasDateHeader: true),
        _ => throw new DftNativeException(ExitCode.Usage, $"there is no chat template '{name}'; --chat_template takes {string.Join(", ", Names)}"),
    };

    /// <summary>The format of a model's own template, where it is one of those known word for word; otherwise null: none is guessed.</summary>
    public static ChatFormat? Recognize(Tokenizer tokenizer) => tokenizer.ChatTemplate is { } template ? KnownChatTemplates.Find(template) : null;

    /// <summary>The named format, or the model's own.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="name">What the user asked for; null: the model's own.</param>
    /// <exception cref="DftNativeException">The name is unknown, or the model's template is missing or not recognised.</exception>
    public static ChatFormat Resolve(Tokenizer tokenizer, string? name)
    {
        if (name is not null) return ByName(name);
        var problem = tokenizer.ChatTemplate is null ? "the model has no chat template" : "the model's own chat template is not one that is known";
        return Recognize(tokenizer) ?? throw new DftNativeException(ExitCode.InvalidInput, $"{problem}; give --chat_template {string.Join("|", Names)}");
    }

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">At least one.</param>
    /// <param name="addGenerationPrompt">Whether the beginning of an assistant turn is written after them.</param>
    /// <exception cref="DftNativeException">The format cannot hold one of the messages.</exception>
    public RenderedChat Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = false)
    {
        foreach (var message in messages)
        {
            if (message.Role is not ("system" or "user" or "assistant"))
                throw new DftNativeException(ExitCode.InvalidInput, $"the role '{message.Role}' is not supported by the chat template {Name}; use system, user and assistant");
        }

        var text = new StringBuilder();
        var turns = new List<(int Start, int End)>();
        Write(messages, text, turns);
        if (addGenerationPrompt) WriteHeader("assistant", text);
        return new RenderedChat(text.ToString(), turns);
    }

    /// <summary>Writes what comes before a turn's content.</summary>
    private protected abstract void WriteHeader(string role, StringBuilder text);

    /// <summary>Writes all turns and notes those of the assistant.</summary>
    private protected abstract void Write(IReadOnlyList<ChatMessage> messages, StringBuilder text, List<(int Start, int End)> assistantTurns);

    /// <summary>Writes a turn up to its end-of-turn token, and notes it if it is the assistant's.</summary>
    private protected void WriteTurn(string role, string content, StringBuilder text, List<(int Start, int End)> assistantTurns)
    {
        WriteHeader(role, text);
        var start = text.Length;
        text.Append(content).Append(EndOfTurn);
        if (role == "assistant") assistantTurns.Add((start, text.Length));
    }
}
