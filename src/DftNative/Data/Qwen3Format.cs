using System.Text;

namespace DftNative.Data;

/// <summary>
/// ChatML as Qwen3 writes it: thoughts (between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>) are taken out of
/// earlier answers, and the last answer always has its thoughts, empty ones too.
/// </summary>
internal sealed class Qwen3Format : ChatFormat
{
    private const string ThinkStart = "<think>", ThinkEnd = "</think>";

    /// <inheritdoc/>
    public override string Name => "qwen3";

    /// <inheritdoc/>
    public override string EndOfTurn => "<|im_end|>";

    private protected override void WriteHeader(string role, StringBuilder text) => text.Append("<|im_start|>").Append(role).Append('\n');

    private protected override void Write(IReadOnlyList<ChatMessage> messages, StringBuilder text, List<(int Start, int End)> assistantTurns)
    {
        var lastQuery = LastQueryIndex(messages);
        for (var i = 0; i < messages.Count; i++)
        {
            var (role, content) = (messages[i].Role, messages[i].Content);
            if (role == "assistant")
            {
                (var thoughts, content) = SplitThoughts(content);
                if (i > lastQuery && (i == messages.Count - 1 || thoughts.Length > 0))
                    content = $"{ThinkStart}\n{thoughts.Trim('\n')}\n{ThinkEnd}\n\n{content.TrimStart('\n')}";
            }

            WriteTurn(role, content, text, assistantTurns);
            text.Append('\n');
        }
    }

    /// <summary>The last user message that is not a tool's answer; the last message where there is none.</summary>
    private static int LastQueryIndex(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            var content = messages[i].Content;
            var isToolResponse = content.StartsWith("<tool_response>", StringComparison.Ordinal) && content.EndsWith("</tool_response>", StringComparison.Ordinal);
            if (messages[i].Role == "user" && !isToolResponse) return i;
        }

        return messages.Count - 1;
    }

    private static (string Thoughts, string Content) SplitThoughts(string content)
    {
        var first = content.IndexOf(ThinkEnd, StringComparison.Ordinal);
        if (first < 0) return ("", content);
        var thoughts = content[..first].TrimEnd('\n');
        var begin = thoughts.LastIndexOf(ThinkStart, StringComparison.Ordinal);
        if (begin >= 0) thoughts = thoughts[(begin + ThinkStart.Length)..];
        var last = content.LastIndexOf(ThinkEnd, StringComparison.Ordinal);
        return (thoughts.TrimStart('\n'), content[(last + ThinkEnd.Length)..].TrimStart('\n'));
    }
}
