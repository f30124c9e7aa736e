using System.Text;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>Answers as text: what surrounds them is taken off, and words are compared as words.</summary>
internal static class AnswerText
{
    private static readonly string[] Wrappers = ["\\textbf", "\\textit", "\\textrm", "\\text", "\\mathbf", "\\mathrm", "\\mbox", "\\bf", "\\rm", "\\left", "\\right"];

    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.Ordinal)
    {
        ["dne"] = "doesnotexist",
        ["doesntexist"] = "doesnotexist",
        ["doesn'texist"] = "doesnotexist",
        ["limitdoesnotexist"] = "doesnotexist",
        ["infinitelymanysolutions"] = "infinitelymany",
        ["thereareinfinitelymanysolutions"] = "infinitelymany",
        ["infinitesolutions"] = "infinitelymany",
        ["infinitenumberofsolutions"] = "infinitelymany",
    };

    /// <summary>The answer without what delimits mathematics, emphasis and the full stop of its sentence.</summary>
    public static string Trim(string text)
    {
        var answer = text.AsSpan().Trim();
        while (true)
        {
            var length = answer.Length;
            answer = TrimPair(TrimPair(TrimPair(TrimPair(answer, "$$", "$$"), "$", "$"), "\\(", "\\)"), "\\[", "\\]");
            answer = TrimPair(TrimPair(TrimPair(answer, "**", "**"), "`", "`"), "\"", "\"");
            answer = TrimPair(TrimPair(TrimPair(answer, "*", "*"), "_", "_"), "'", "'");
            answer = TrimBox(answer);
            if (answer.Length > 1 && answer[^1] is '.' or ',' or ';' or ':' && !EndsInDecimalsForEver(answer)) answer = answer[..^1].TrimEnd();
            if (answer.TrimEnd('\\') is { Length: > 0 } line) answer = line.TrimEnd();
            if (answer.Length == length) return answer.ToString();
        }
    }

    /// <summary>The text without commands that only set the type, braces and white space.</summary>
    public static string Strip(string text)
    {
        var plain = new StringBuilder(text);
        foreach (var wrapper in Wrappers) plain.Replace(wrapper, "");
        var stripped = new StringBuilder(plain.Length);
        foreach (var chunk in plain.GetChunks())
        {
            foreach (var letter in chunk.Span)
                if (!char.IsWhiteSpace(letter) && letter is not ('{' or '}' or '$' or '~' or '*')) stripped.Append(letter);
        }

        return stripped.ToString();
    }

    /// <summary>Tokens as one text in which white space, case of words and articles do not count.</summary>
    public static string Join(List<MathToken> tokens)
    {
        var text = new StringBuilder();
        foreach (var token in tokens)
        {
            if (token.Kind == MathTokenKind.Word) text.Append(IsArticle(token.Text) ? "" : token.Text.ToLowerInvariant());
            else if (!token.IsMark(".") && !token.IsMark("\"")) text.Append(token.Text);
        }

        return text.ToString();
    }

    /// <summary>The letters, where there is nothing else and at least a word among them.</summary>
    public static string? Letters(List<MathToken> tokens)
    {
        var letters = new StringBuilder();
        foreach (var token in tokens)
        {
            if (token.IsMark(".") || (token.Kind == MathTokenKind.Word && IsArticle(token.Text) && tokens.Count > 1)) continue;
            if (token.Kind is not (MathTokenKind.Word or MathTokenKind.Symbol) || !token.Text.All(letter => char.IsLetter(letter) || letter == '\'')) return null;
            letters.Append(token.Text.ToLowerInvariant());
        }

        return letters.Length > 0 ? Synonyms.GetValueOrDefault(letters.ToString(), letters.ToString()) : null;
    }

    private static bool IsArticle(string word) => word is "the" or "The" or "a" or "an" or "An";

    // 0.333..., whose points are no full stops.
    private static bool EndsInDecimalsForEver(ReadOnlySpan<char> answer)
    {
        if (!answer.EndsWith("...")) return false;
        var number = answer[..^3].TrimEnd("0123456789");
        return number.Length < answer.Length - 3 && number.EndsWith(".");
    }

    private static ReadOnlySpan<char> TrimBox(ReadOnlySpan<char> answer)
    {
        const string Box = "\\boxed{";
        if (!answer.StartsWith(Box) || answer[^1] != '}' || answer.Length > AnswerGrader.MaxLength) return answer;
        var content = BoxedAnswers.FindLast(answer.ToString());
        return content is not null && content.Length == answer.Length - Box.Length - 1 ? content : answer;
    }

    private static ReadOnlySpan<char> TrimPair(ReadOnlySpan<char> text, string open, string close)
    {
        if (text.Length < open.Length + close.Length || !text.StartsWith(open) || !text.EndsWith(close)) return text;
        var inner = text[open.Length..^close.Length];
        return inner.Contains(open, StringComparison.Ordinal) ? text : inner.Trim();
    }
}
