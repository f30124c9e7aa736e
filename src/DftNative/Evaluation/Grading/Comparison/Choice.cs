namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>An option of a multiple-choice problem.</summary>
/// <param name="Letter">Its letter, as a capital.</param>
/// <param name="IsMarked">Whether it is in brackets or set as text, and so no variable.</param>
/// <param name="HasMore">Whether the option's own answer follows, as in <c>(C) 15</c>.</param>
internal readonly record struct Choice(char Letter, bool IsMarked, bool HasMore)
{
    private const char LastLetter = 'J';

    /// <summary>Reads an option.</summary>
    /// <returns>Null if the answer is none.</returns>
    public static Choice? Parse(string answer)
    {
        var text = AnswerText.Strip(answer);
        var isText = answer.Contains("\\text", StringComparison.Ordinal) || answer.Contains("\\mathrm", StringComparison.Ordinal) || answer.Contains("\\mbox", StringComparison.Ordinal);
        if (text.Length == 1 && IsOption(text[0])) return new Choice(char.ToUpperInvariant(text[0]), isText, false);
        if (text.Length == 2 && IsOption(text[0]) && text[1] is ')' or '.') return new Choice(char.ToUpperInvariant(text[0]), true, false);
        if (text.Length < 3 || text[0] != '(' || text[2] != ')' || !IsOption(text[1])) return null;
        if (text.Length == 3) return new Choice(char.ToUpperInvariant(text[1]), true, false);
        var rest = text.AsSpan(3);
        var isList = rest[0] is ',' or ';' || rest.StartsWith("and") || rest.StartsWith("or");
        var hasMore = char.IsAsciiLetterUpper(text[1]) && rest[0] is not ('(' or '^' or '+' or '*' or '/' or '=') && !isList && answer.Any(char.IsWhiteSpace);
        return hasMore ? new Choice(text[1], true, true) : null;
    }

    /// <summary>Whether both are options, and the same one.</summary>
    /// <returns>Null where they are not to be compared as options.</returns>
    public static bool? AreSame(Choice? prediction, Choice? answer)
    {
        if (prediction is not { } left || answer is not { } right || (left.HasMore && right.HasMore) || !(left.IsMarked || right.IsMarked)) return null;
        return left.Letter == right.Letter;
    }

    private static bool IsOption(char letter) => char.ToUpperInvariant(letter) is >= 'A' and <= LastLetter;
}
