namespace DftNative.ChatTemplates.Jinja;

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a text constant its value.</param>
/// <param name="Position">Its UTF-16 place in the source.</param>
internal readonly record struct JinjaToken(JinjaTokenKind Kind, string Text, int Position)
{
    /// <summary>Whether it is that operator.</summary>
    public bool IsOperator(string symbol) => Kind == JinjaTokenKind.Operator && Text == symbol;

    /// <summary>Whether it is that name.</summary>
    public bool IsName(string name) => Kind == JinjaTokenKind.Name && Text == name;
}
