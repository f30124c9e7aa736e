namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>The sign of a <see cref="SignNode"/>.</summary>
internal enum TermSign
{
    /// <summary>−</summary>
    Minus,

    /// <summary>±</summary>
    PlusMinus,

    /// <summary>∓: the opposite of every ± in the same answer.</summary>
    MinusPlus,
}
