using System.Text;

namespace DftNative.Data;

/// <summary>ChatML: <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c>.</summary>
/// <param name="name">The format's name.</param>
/// <param name="defaultSystemPrompt">What a conversation without a system message begins with; null: nothing.</param>
internal sealed class ChatMlFormat(string name, string? defaultSystemPrompt) : ChatFormat
{
    /// <summary>What Qwen2.5's instruct models put before a conversation without a system message.</summary>
    public const string QwenSystemPrompt = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override string EndOfTurn => "<|im_end|>";

    private protected override void WriteHeader(string role, StringBuilder text) => text.Append("<|im_start|>").Append(role).Append('\n');

    private protected override void Write(IReadOnlyList<ChatMessage> messages, StringBuilder text, List<(int Start, int End)> assistantTurns)
    {
        if (defaultSystemPrompt is not null && messages[0].Role != "system") WriteLine("system", defaultSystemPrompt);
        foreach (var message in messages) WriteLine(message.Role, message.Content);

        void WriteLine(string role, string content)
        {
            WriteTurn(role, content, text, assistantTurns);
            text.Append('\n');
        }
    }
}
