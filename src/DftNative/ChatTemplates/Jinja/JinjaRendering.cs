namespace DftNative.ChatTemplates.Jinja;

/// <summary>What a template rendered.</summary>
/// <param name="Text">The text.</param>
/// <param name="GenerationSpans">Where in it <c>{% generation %}</c> blocks begin and end, in UTF-16 units.</param>
public sealed record JinjaRendering(string Text, IReadOnlyList<(int Start, int End)> GenerationSpans);
