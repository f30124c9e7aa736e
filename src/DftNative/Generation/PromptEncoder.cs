using DftNative.ChatTemplates;
using DftNative.Data;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Generation;

/// <summary>Makes token ids of prompts: of texts as they are, or of conversations through the chat template.</summary>
public sealed class PromptEncoder
{
    private readonly Tokenizer tokenizer;
    private readonly ChatTemplate? template;
    private readonly string? system;

    /// <summary>An encoder of a model's prompts.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="template">Writes conversations; null: prompts are texts, continued as they are.</param>
    /// <param name="system">A system message before prompts that are one text; null: none.</param>
    public PromptEncoder(Tokenizer tokenizer, ModelConfiguration configuration, ChatTemplate? template, string? system = null)
    {
        (this.tokenizer, this.template, this.system) = (tokenizer, template, system);
        var stops = configuration.EosTokenIds.Concat(tokenizer.EosTokenIds);
        if (template?.FindEndOfTurn(tokenizer) is { } endOfTurn) stops = stops.Append(endOfTurn);
        StopTokenIds = [.. stops.Distinct()];
    }

    /// <summary>Tokens that end an answer: the model's and the tokenizer's ends of text, and the template's end of a turn.</summary>
    public IReadOnlyList<int> StopTokenIds { get; }

    /// <summary>A text as the user's turn, or as it is.</summary>
    public int[] Encode(string prompt)
    {
        if (template is null) return tokenizer.Encode(prompt, addSpecialTokens: true);
        List<ChatMessage> messages = system is null ? [] : [new ChatMessage("system", system)];
        messages.Add(new ChatMessage("user", prompt));
        return Encode(messages);
    }

    /// <summary>A conversation that is to be answered.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no template.</exception>
    public int[] Encode(IReadOnlyList<ChatMessage> messages) => template is null
        ? throw new DftNativeException(ExitCode.Usage, "raw: messages need the chat template; leave --raw out or give prompts that are texts")
        : tokenizer.Encode(template.Render(messages, addGenerationPrompt: true, DateTime.Now).Text);
}
