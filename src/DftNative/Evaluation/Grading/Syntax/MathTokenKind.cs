namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>What a <see cref="MathToken"/> is.</summary>
internal enum MathTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A decimal number without a sign; its text holds no digit separators.</summary>
    Number,

    /// <summary>A letter, a Greek letter or another name that stands for a quantity.</summary>
    Symbol,

    /// <summary>A word of a language, a unit or a name.</summary>
    Word,

    /// <summary>A function such as <c>sin</c>.</summary>
    Function,

    /// <summary>A construction with arguments of its own, such as <c>frac</c>.</summary>
    Command,

    /// <summary>An operator, a bracket or punctuation.</summary>
    Mark,
}
