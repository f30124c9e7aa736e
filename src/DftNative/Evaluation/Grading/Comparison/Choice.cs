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
        answer = WithoutName(answer);
        var text = AnswerText.Strip(answer);
        var isText = answer.Contains("\\text", StringComparison.Ordinal) || answer.Contains("\\mathrm", StringComparison.Ordinal) || answer.Contains("\\mbox", StringComparison.Ordinal);
        if (text.Length == 1 && IsOption(text[0])) return new Choice(char.ToUpperInvariant(text[0]), isText, false);
        if (text.Length == 2 && IsOption(text[0]) && text[1] is ')' or '.') return new Choice(char.ToUpperInvariant(text[0]), true, false);
        if (FollowedByAnswer(answer) is { } marked) return new Choice(marked, true, true);
        if (text.Length < 3 || (text[0], text[2]) is not (('(', ')') or ('[', ']')) || !IsOption(text[1])) return null;
        if (text.Length == 3) return new Choice(char.ToUpperInvariant(text[1]), true, false);
        if (text[0] == '[') return null;
        var rest = text.AsSpan(3);
        var isList = rest[0] is ',' or ';' || rest.StartsWith("and") || rest.StartsWith("or");
        var hasMore = char.IsAsciiLetterUpper(text[1]) && rest[0] is not ('(' or '^' or '+' or '*' or '/' or '=') && !isList && (answer.Any(char.IsWhiteSpace) || answer.Contains('~'));
        return hasMore ? new Choice(text[1], true, true) : null;
    }

    /// <summary>Whether both are options, and the same one.</summary>
    /// <returns>Null where they are not to be compared as options.</returns>
    public static bool? AreSame(Choice? prediction, Choice? answer)
    {
        if (prediction is not { } left || answer is not { } right || (left.HasMore && right.HasMore) || !(left.IsMarked || right.IsMarked)) return null;
        return left.Letter == right.Letter;
    }

    // Option B
    private static string WithoutName(string answer)
    {
        var text = AnswerText.Strip(answer);
        foreach (var name in (ReadOnlySpan<string>)["option", "choice"])
        {
            if (!text.StartsWith(name, StringComparison.OrdinalIgnoreCase)) continue;
            var rest = text[name.Length..].Trim('(', ')', '.', ':');
            if (rest.Length == 1 && IsOption(rest[0])) return $"({rest})";
        }

        return answer;
    }

    // The letter in B) 5, B. 5 and B: 5.
    private static char? FollowedByAnswer(string answer)
    {
        foreach (var wrapper in (ReadOnlySpan<string>)["\\textbf{", "\\text{", "\\mathrm{"])
            if (answer.StartsWith(wrapper, StringComparison.Ordinal)) answer = answer[wrapper.Length..];
        var hasMark = answer.Length > 3 && answer[0] is >= 'A' and <= LastLetter && answer[1] is ')' or '.' or ':' && char.IsWhiteSpace(answer[2]);
        return hasMark ? answer[0] : null;
    }

    private static bool IsOption(char letter) => char.ToUpperInvariant(letter) is >= 'A' and <= LastLetter;
}
