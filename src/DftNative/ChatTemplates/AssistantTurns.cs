using DftNative.ChatTemplates.Jinja;
using DftNative.Data;

namespace DftNative.ChatTemplates;

/// <summary>
/// Finds assistant turns in a rendered conversation: by the template's generation blocks, or, where it has none, by what
/// the conversation up to each turn renders to. Where that does not settle a turn to the character, it is an error.
/// </summary>
/// <param name="template">The template.</param>
/// <param name="endOfTurn">What ends its turns; null: no token.</param>
internal sealed class AssistantTurns(ChatTemplate template, EndOfTurn? endOfTurn)
{
    /// <summary>The turns of some messages.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="rendering">The whole of it, rendered.</param>
    /// <param name="wanted">Indices of assistant messages, ascending.</param>
    /// <exception cref="InvalidRowException">A turn cannot be told with certainty.</exception>
    public IReadOnlyList<AssistantTurn> Find(ChatConversation conversation, JinjaRendering rendering, IReadOnlyList<int> wanted)
    {
        if (rendering.GenerationSpans.Count == 0) return [.. wanted.Select(message => FindByPrefix(conversation, rendering.Text, message))];
        var assistants = Enumerable.Range(0, conversation.Messages.Count).Where(i => conversation.Messages[i].Role == "assistant").ToList();
        if (assistants.Count != rendering.GenerationSpans.Count)
            throw new InvalidRowException($"has {assistants.Count} assistant messages, but the chat template {template.Name} has {rendering.GenerationSpans.Count} generation blocks for them: which belongs to which is not certain");
        return [.. wanted.Select(message => WithEnd(message, rendering.GenerationSpans[assistants.IndexOf(message)], rendering.Text))];
    }

    /// <summary>Some templates leave the end-of-turn token out of the block; the model is to write it all the same.</summary>
    private AssistantTurn WithEnd(int message, (int Start, int End) span, string text) => endOfTurn is not null && text.AsSpan(span.End).StartsWith(endOfTurn.Text)
        ? new AssistantTurn(message, span.Start, span.End + endOfTurn.Text.Length)
        : new AssistantTurn(message, span.Start, span.End);

    private AssistantTurn FindByPrefix(ChatConversation conversation, string text, int message)
    {
        var start = FindStart(conversation, text, message);
        var isLast = message == conversation.Messages.Count - 1;
        var until = TryRender(conversation, message + 1, addGenerationPrompt: false);
        var isPrefix = until is not null && text.StartsWith(until, StringComparison.Ordinal);
        if (endOfTurn is null) return isPrefix ? new AssistantTurn(message, start, until!.Length) : throw Uncertain(message, "its end");

        var content = conversation.Messages[message].Content;
        var end = isLast ? text.LastIndexOf(endOfTurn.Text, StringComparison.Ordinal) : text.IndexOf(endOfTurn.Text, start, StringComparison.Ordinal);
        if (end < start)
        {
            if (isLast) return new AssistantTurn(message, start, text.Length);
            throw Uncertain(message, "its end");
        }

        // The end must lie within the turn: what is said next is not part of it, and what it says comes right before.
        if (isPrefix && end >= until!.Length) return new AssistantTurn(message, start, until.Length);
        var next = isLast ? "" : conversation.Messages[message + 1].Content.Trim();
        var said = text.AsSpan(start, end - start);
        if (!isPrefix && next.Length > 0 && said.Contains(next, StringComparison.Ordinal)) throw Uncertain(message, "its end");
        var visible = content[(content.LastIndexOf("</think>", StringComparison.Ordinal) is >= 0 and var thought ? thought + "</think>".Length : 0)..].Trim();
        if (!conversation.Messages[message].HasToolCalls && !said.TrimEnd().EndsWith(visible, StringComparison.Ordinal)) throw Uncertain(message, "its end");
        return new AssistantTurn(message, start, end + endOfTurn.Text.Length);
    }

    /// <summary>Where the model takes over: behind what the messages before it render to with a generation prompt.</summary>
    private int FindStart(ChatConversation conversation, string text, int message)
    {
        var prompt = TryRender(conversation, message, addGenerationPrompt: true) ?? throw Uncertain(message, "its beginning");
        if (text.StartsWith(prompt, StringComparison.Ordinal)) return prompt.Length;

        // Some prompts open a thought that an answer without thoughts does not have; the answer begins where both part.
        var before = TryRender(conversation, message, addGenerationPrompt: false);
        var common = prompt.AsSpan().CommonPrefixLength(text);
        var content = conversation.Messages[message].Content.TrimStart();
        if (before is null || common < before.Length || content.Length == 0 || !text.AsSpan(common).TrimStart().StartsWith(content.TrimEnd(), StringComparison.Ordinal)) throw Uncertain(message, "its beginning");
        return common;
    }

    private string? TryRender(ChatConversation conversation, int messageCount, bool addGenerationPrompt)
    {
        try
        {
            return template.Render(conversation, messageCount, addGenerationPrompt).Text;
        }
        catch (JinjaException)
        {
            // A template may refuse a part of a conversation, such as one without a user message.
            return null;
        }
    }

    private InvalidRowException Uncertain(int message, string what) => new(
        $"has an assistant turn (messages[{message}]) of which {what} is not certain in what the chat template {template.Name} makes of it; use a template with generation blocks, such as --chat_template {string.Join("|", ChatTemplate.Names)}");
}
