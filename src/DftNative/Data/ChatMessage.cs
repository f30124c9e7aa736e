using DftNative.ChatTemplates.Jinja;

namespace DftNative.Data;

/// <summary>A turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c> or what else the template knows.</param>
/// <param name="Content">What was said; of a message without text, or with parts, the texts of them.</param>
public sealed record ChatMessage(string Role, string Content)
{
    private readonly JinjaMapping? fields;

    /// <summary>Factor on the loss of an assistant turn; 0: the turn is not trained.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>The message as a template sees it: all fields of the row's message.</summary>
    internal JinjaMapping Value
    {
        get => fields ?? new JinjaMapping([KeyValuePair.Create<object, object>("role", Role), KeyValuePair.Create<object, object>("content", Content)]);
        init => fields = value;
    }

    /// <summary>Whether the message calls tools.</summary>
    internal bool HasToolCalls => fields is not null && fields.TryGet("tool_calls", out var calls) && JinjaOperators.IsTrue(calls);
}
