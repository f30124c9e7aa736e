using DftNative.Evaluation.Grading.Comparison;

namespace DftNative.Evaluation.Grading;

/// <summary>Finds the answer in what a model wrote. Takes time linear in the text's length.</summary>
public static class AnswerExtractor
{
    private const string HashMarks = "####";
    private const int MaxAnswerLength = 500;

    private static readonly string[] Phrases = ["answer is", "answer:", "answer =", "answer**:", "answer:**", "answer to the problem is", "answer would be", "answer was", "final answer", "option is", "choice is", "答案是", "答案为", "答案：", "答案:", "故选"];

    /// <summary>The answer of a model's text.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <returns>Null if nothing in it looks like an answer.</returns>
    public static ExtractedAnswer? Extract(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (BoxedAnswers.FindLast(text) is { } boxed) return Found(boxed, ExtractionRule.Box);
        if (ExtractAfter(text, HashMarks) is { } marked) return Found(AfterPhrase(marked) ?? marked, ExtractionRule.HashMarks);
        if (BoxedAnswers.FindUnclosed(text) is { } unclosed && AnswerGrader.IsMathematics(unclosed)) return Found(unclosed, ExtractionRule.Box);
        if (AfterPhrase(text) is { } said) return Found(said, ExtractionRule.Phrase);
        if (AsWhole(text)) return Found(text, ExtractionRule.WholeText);
        var number = AnswerSpans.LastNumber(text);
        if (AnswerSpans.LastFormula(text) is { } formula && (number is null || number.Value.Start < formula.End)) return Found(text[formula.Start..formula.End], ExtractionRule.LastFormula);
        return number is { } span ? Found(text[span.Start..span.End], ExtractionRule.LastNumber) : null;
    }

    /// <summary>The answer of a reference: behind <c>####</c>, in the last box, or the whole of it.</summary>
    public static string ExtractReference(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ExtractAfter(text, HashMarks) ?? BoxedAnswers.FindLast(text) ?? text;
    }

    /// <summary>The rest of the line behind the last occurrence of a mark; null if there is none, or nothing behind it.</summary>
    /// <param name="text">What the model wrote.</param>
    /// <param name="mark">Not empty.</param>
    public static string? ExtractAfter(string text, string mark)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(mark);
        var start = text.LastIndexOf(mark, StringComparison.Ordinal);
        if (start < 0) return null;
        var line = text.AsSpan(start + mark.Length);
        var end = line.IndexOf('\n');
        var answer = (end < 0 ? line : line[..end]).Trim();
        return answer.Length > 0 ? answer.ToString() : null;
    }

    private static ExtractedAnswer? Found(string text, ExtractionRule rule) => AnswerText.Trim(text) is { Length: > 0 } answer ? new ExtractedAnswer(answer, rule) : null;

    private static string? AfterPhrase(string text)
    {
        var start = -1;
        foreach (var phrase in Phrases)
        {
            var index = text.LastIndexOf(phrase, StringComparison.OrdinalIgnoreCase);
            if (index >= 0) start = Math.Max(start, index + phrase.Length);
        }

        if (start < 0) return null;
        var sentence = AnswerSpans.Sentence(text, start, MaxAnswerLength);
        if (sentence.Length == 0) return null;
        if (AnswerGrader.IsMathematics(sentence) && !(AnswerSpans.HasProseBesideFormulas(sentence) && AnswerGrader.HasWords(sentence))) return sentence;
        if (AnswerSpans.FirstFormula(sentence) is { } formula) return sentence[formula.Start..formula.End];
        return AnswerSpans.FirstNumber(sentence) is { } number ? sentence[number.Start..number.End] : sentence;
    }

    // One line that is mathematics, or a few words without any.
    private static bool AsWhole(string text)
    {
        const int MaxWords = 5;
        var answer = text.AsSpan().Trim();
        if (answer.Length is 0 or > MaxAnswerLength || answer.Contains('\n')) return answer.Length is > 0 and <= MaxAnswerLength && text.Contains("\\begin{", StringComparison.Ordinal) && AnswerGrader.IsMathematics(text);
        if (AnswerSpans.HasProseBesideFormulas(AnswerText.Trim(text))) return false;
        return AnswerGrader.IsMathematics(text) || (answer.IndexOfAnyInRange('0', '9') < 0 && !answer.Contains('$') && answer.Count(' ') < MaxWords);
    }
}
