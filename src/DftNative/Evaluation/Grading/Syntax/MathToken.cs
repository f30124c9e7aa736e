namespace DftNative.Evaluation.Grading.Syntax;

/// <summary>A piece of an answer's notation; LaTeX, Unicode and plain text come out alike.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its canonical spelling.</param>
/// <param name="HasSpaceBefore">Whether white space stood before it, which tells <c>1 1/2</c> from <c>11/2</c>.</param>
internal readonly record struct MathToken(MathTokenKind Kind, string Text, bool HasSpaceBefore)
{
    /// <summary>Whether it is this mark.</summary>
    public bool IsMark(string text) => Kind == MathTokenKind.Mark && Text == text;

    /// <summary>Whether it is this command.</summary>
    public bool IsCommand(string text) => Kind == MathTokenKind.Command && Text == text;
}
