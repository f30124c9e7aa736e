using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Comparison;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading;

/// <summary>
/// Grades answers to mathematical problems. Two answers are equal if they mean the same, however they are written; an
/// answer that is no mathematics is compared as text. Every comparison ends after bounded work: answers for which that
/// is not enough count as different.
/// </summary>
/// <remarks>
/// The rules beyond plain mathematics, where notations are ambiguous:
/// <list type="bullet">
/// <item>A reference that is exact stands for itself only: 0.333 is not 1/3. A reference written with a decimal point and
/// at least three significant digits stands for every number that rounds to it. Apart from that, equality is symmetric.</item>
/// <item>A unit may be left out; two units must agree, after conversion. Nouns that are no units are not compared. 5% is
/// 0.05 and, its sign left out, 5.</item>
/// <item>Lists without brackets and sets have no order, tuples have one; a list without brackets equals a tuple in its
/// order. (1,2) and [1,2] differ.</item>
/// <item>An equation that names a value equals the value; equations are equal up to a factor.</item>
/// <item>A base may be left out if the digits are the same; so may the modulus of a residue.</item>
/// <item>A reference letter of a multiple-choice problem stands for that option with or without brackets.</item>
/// </list>
/// </remarks>
public static class AnswerGrader
{
    /// <summary>Characters past which an answer is compared as text only.</summary>
    internal const int MaxLength = 2000;

    /// <summary>Extracts the answer of a model's text and compares it.</summary>
    /// <param name="prediction">What the model wrote.</param>
    /// <param name="answer">The reference; also a worked solution that ends in <c>####</c> or a box.</param>
    /// <param name="answerAfter">The text behind whose last occurrence the prediction's answer stands, and nowhere else; null: it is looked for.</param>
    public static GradedAnswer Grade(string prediction, string answer, string? answerAfter = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(answer);
        var extracted = answerAfter is null ? AnswerExtractor.Extract(prediction)?.Text : AnswerExtractor.ExtractAfter(prediction, answerAfter);
        return new GradedAnswer(extracted, extracted is not null && AreEqual(extracted, AnswerExtractor.ExtractReference(answer)));
    }

    /// <summary>Whether an answer means the same as the reference.</summary>
    /// <param name="prediction">An answer without the text around it.</param>
    /// <param name="answer">The reference.</param>
    public static bool AreEqual(string prediction, string answer)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(answer);
        var left = AnswerText.Trim(prediction);
        var right = AnswerText.Trim(answer);
        if (left.Length == 0 || right.Length == 0) return false;
        if (left == right) return true;
        if (left.Length > MaxLength || right.Length > MaxLength) return AnswerText.Strip(left) == AnswerText.Strip(right);
        if (Choice.AreSame(Choice.Parse(left), Choice.Parse(right)) is { } isSameChoice) return isSameChoice;
        if (ClockTime.Parse(left) is { } time && ClockTime.Parse(right) is { } otherTime) return time.IsSame(otherTime);
        return AreEqual(new ParsedAnswer(left), new ParsedAnswer(right));
    }

    /// <summary>Whether an answer can be read as mathematics, an option or a time: what cannot is compared as text.</summary>
    public static bool IsMathematics(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var text = AnswerText.Trim(answer);
        return text.Length <= MaxLength && (Choice.Parse(text) is not null || ClockTime.Parse(text) is not null || new ParsedAnswer(text).Node is not null);
    }

    /// <summary>Whether words stand in an answer as items of their own.</summary>
    internal static bool HasWords(string answer)
    {
        return new ParsedAnswer(AnswerText.Trim(answer)).Node is { } node && Occur(node);

        static bool Occur(MathNode node) => node is SymbolNode { IsWord: true } || node.Children.Any(Occur);
    }

    private static bool AreEqual(ParsedAnswer prediction, ParsedAnswer answer)
    {
        if (prediction.Tokens is null || answer.Tokens is null || prediction.Tokens.Count == 0 || answer.Tokens.Count == 0) return false;
        var text = AnswerText.Join(prediction.Tokens);
        var otherText = AnswerText.Join(answer.Tokens);
        if ((prediction.Node is null || answer.Node is null) && text.Length > 0 && text.Equals(otherText, StringComparison.OrdinalIgnoreCase)) return true;
        if (AnswerText.Letters(prediction.Tokens) is { } letters && letters == AnswerText.Letters(answer.Tokens)
            && prediction.Tokens.Concat(answer.Tokens).Any(token => token.Kind == MathTokenKind.Word)) return true;
        var (left, right) = (prediction.Node, answer.Node);
        if (prediction.IsAmbiguous && !answer.IsAmbiguous && IsList(right)) left = prediction.ParseAsList();
        if (answer.IsAmbiguous && !prediction.IsAmbiguous && IsList(left)) right = answer.ParseAsList();
        if (left is null || right is null) return false;
        try
        {
            return new AnswerComparer(new WorkBudget()).AreEqual(left, right);
        }
        catch (WorkExhaustedException)
        {
            return text == otherText;
        }
    }

    private static bool IsList(MathNode? node) => node is ListNode or GroupNode;
}
