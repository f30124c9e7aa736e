namespace DftNative.Train.Commands;

/// <summary>What <c>tokenize</c> was asked to do.</summary>
/// <param name="Model">A directory with the tokenizer files.</param>
/// <param name="File">The text; null: standard input.</param>
/// <param name="Json">Whether every line is a JSON string.</param>
/// <param name="AddSpecialTokens">Whether the tokenizer's template is applied.</param>
internal sealed record TokenizeOptions(string Model, string? File, bool Json, bool AddSpecialTokens);
