namespace DftNative.Data;

/// <summary>Which tokens of a row are trained. Nothing after a row's last end-of-turn or end-of-text token ever is.</summary>
public enum LossMask
{
    /// <summary>The completion: of a conversation the last assistant message, with its end-of-turn token.</summary>
    CompletionOnly,

    /// <summary>Every assistant message of a conversation, each with its end-of-turn token; otherwise the completion.</summary>
    AssistantOnly,

    /// <summary>The prompt as well.</summary>
    All,
}
