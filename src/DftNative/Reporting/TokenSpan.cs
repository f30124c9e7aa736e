namespace DftNative.Reporting;

/// <summary>A token of a text that an <see cref="HtmlReport"/> shows coloured by p.</summary>
/// <param name="Text">Its text; line breaks are kept.</param>
/// <param name="Probability">Its p; null: it was not predicted.</param>
/// <param name="Description">Shown on hover.</param>
public readonly record struct TokenSpan(string Text, double? Probability, string Description);
