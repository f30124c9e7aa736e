namespace DftNative.Data;

/// <summary>A conversation as the text that the model reads.</summary>
/// <param name="Text">The text, control tokens included.</param>
/// <param name="AssistantTurns">For each assistant message in order: where what the model is to say begins, and where its end-of-turn token ends.</param>
public sealed record RenderedChat(string Text, IReadOnlyList<(int Start, int End)> AssistantTurns);
