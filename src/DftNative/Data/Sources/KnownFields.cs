namespace DftNative.Data.Sources;

/// <summary>The fields that a row's forms have.</summary>
internal static class KnownFields
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "input_ids", "labels", "token_weights", "messages", "conversations", "system", "tools", "prompt", "completion", "question", "answer", "problem", "solution",
        "instruction", "input", "output", "text",
    ];
}
