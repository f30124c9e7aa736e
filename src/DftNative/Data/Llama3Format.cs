using System.Text;

namespace DftNative.Data;

/// <summary>Llama 3: <c>&lt;|start_header_id|&gt;role&lt;|end_header_id|&gt;\n\ncontent&lt;|eot_id|&gt;</c>, contents trimmed.</summary>
/// <param name="name">The format's name.</param>
/// <param name="hasDateHeader">Whether the system turn is always there and begins with Llama 3.1's two dates.</param>
internal sealed class Llama3Format(string name, bool hasDateHeader) : ChatFormat
{
    /// <summary>Llama 3.1's template has this date where the caller gives none.</summary>
    private const string DateHeader = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string EndOfTurn => "<|eot_id|>";

    private protected override void WriteHeader(string role, StringBuilder text) =>
        text.Append("<|start_header_id|>").Append(role).Append("<|end_header_id|>\n\n");

    private protected override void Write(IReadOnlyList<ChatMessage> messages, StringBuilder text, List<(int Start, int End)> assistantTurns)
    {
        text.Append("<|begin_of_text|>");
        var first = 0;
        if (hasDateHeader)
        {
            first = messages[0].Role == "system" ? 1 : 0;
            WriteTurn("system", DateHeader + (first == 1 ? Trim(messages[0].Content) : ""), text, assistantTurns);
        }

        foreach (var message in messages.Skip(first)) WriteTurn(message.Role, Trim(message.Content), text, assistantTurns);
    }

    /// <summary>Jinja's trim is Python's strip, for which four more controls are white space.</summary>
    private static string Trim(string content)
    {
        var (start, end) = (0, content.Length);
        while (start < end && IsSpace(content[start])) start++;
        while (end > start && IsSpace(content[end - 1])) end--;
        return content[start..end];
    }

    private static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001C' and <= '\u001F';
}
