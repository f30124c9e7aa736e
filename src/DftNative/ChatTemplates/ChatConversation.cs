using DftNative.Data;

namespace DftNative.ChatTemplates;

/// <summary>A conversation and what a template is given with it.</summary>
/// <param name="Messages">At least one.</param>
internal sealed record ChatConversation(IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>How many of the messages are prompt: no turn among them is a completion.</summary>
    public int PromptCount { get; init; }

    /// <summary>The tools that the model may call, as the row gives them; null: none.</summary>
    public object? Tools { get; init; }

    /// <summary>The documents of retrieval, as the row gives them; null: none.</summary>
    public object? Documents { get; init; }

    /// <summary>More variables for the template: the row's <c>chat_template_kwargs</c>.</summary>
    public IReadOnlyDictionary<string, object> TemplateArguments { get; init; } = new Dictionary<string, object>();
}
