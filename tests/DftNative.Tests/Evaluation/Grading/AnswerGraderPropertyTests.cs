using DftNative.Evaluation.Grading;
using FsCheck;
using FsCheck.Fluent;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>What holds for all answers, on expressions and on junk made at random.</summary>
internal sealed class AnswerGraderPropertyTests
{
    private static readonly string[] Pieces =
    [
        "1", "2", "37", "12345678901", "x", "y", "e", "i", "n", "\\pi ", "+", "-", "*", "/", "^", "_", "(", ")", "[", "]", "{", "}", "\\{", "\\}", "\\frac", "\\sqrt",
        "\\frac{1}{2}", "^{10}", "!", ",", ";", "=", "<", "\\le ", "\\cup ", "\\in ", "\\pm ", "|", "\\text{", "cm", " ", "$", "\\left", "\\right", "\\begin{pmatrix}",
        "\\end{pmatrix}", "&", "\\\\", "\\sin ", "\\log_2 ", "\\binom", "\\lfloor ", "\\rfloor ", "\\boxed{", "####", "the answer is ", "%", "\\circ ", "½", "é", " and ",
        " or ", "\\infty ", ":", "99^{", "\\overline{", "(x+1)^{50}", "f(", "\\mathrm{", "'", "\0", "\n", "\uD800",
    ];

    private static readonly Gen<string> Junk = Gen.Elements(Pieces).ArrayOf().Select(string.Concat);

    private static readonly Gen<string> Expression = Gen.Sized(size => Build(Math.Min(size / 8, 4)));

    [Test]
    public void EveryAnswerIsEqualToItself() => Check(Expression, answer => AnswerGrader.AreEqual(answer, answer));

    [Test]
    public void JunkIsEqualToItself() => Check(Junk, junk => AnswerGrader.AreEqual("a" + junk + "a", "a" + junk + "a"));

    [Test]
    public void ExactAnswersAreComparedBothWaysAlike() =>
        Check(Expression, Expression, (left, right) => AnswerGrader.AreEqual(left, right) == AnswerGrader.AreEqual(right, left));

    [Test]
    public void JunkIsComparedBothWaysAlike() => Check(Junk, Junk, (left, right) => AnswerGrader.AreEqual(left, right) == AnswerGrader.AreEqual(right, left));

    [Test]
    public void WhiteSpaceBesideSignsDoesNotCount() =>
        Check(Expression, answer => AnswerGrader.AreEqual(answer.Replace("+", " +\t ", StringComparison.Ordinal).Replace("(", "( ", StringComparison.Ordinal).Replace("}", " } ", StringComparison.Ordinal), answer));

    [Test]
    public void AddingOneGivesAnotherAnswer() => Check(Expression, answer => !AnswerGrader.AreEqual($"{answer}+1", answer));

    [Test]
    public void TermsCommute() => Check(Expression, Expression, (left, right) => AnswerGrader.AreEqual($"({left})+({right})", $"({right})+({left})"));

    [Test]
    public void ProductsDistribute() => Check(Expression, Expression, (left, right) => AnswerGrader.AreEqual($"({left})(x+({right}))", $"x({left})+({right})({left})"));

    [Test]
    public void JunkIsGraded() => Check(Junk, Junk, (prediction, answer) => AnswerGrader.Grade(prediction, answer) is not null);

    private static Gen<string> Build(int depth)
    {
        var leaf = Gen.OneOf(Gen.Choose(1, 30).Select(value => FormattableString.Invariant($"{value}")), Gen.Elements("x", "y", "\\pi", "\\sqrt{2}", "\\frac{3}{7}"));
        if (depth == 0) return leaf;
        var inner = Build(depth - 1);
        return Gen.OneOf(
            leaf,
            from left in inner from right in inner select $"{left}+{right}",
            from left in inner from right in inner select $"({left})({right})",
            from left in inner from right in leaf select $"\\frac{{{left}}}{{{right}}}",
            from left in inner select $"({left})^{{2}}");
    }

    private static void Check(Gen<string> values, Func<string, bool> property) => Prop.ForAll(values.ToArbitrary(), property).QuickCheckThrowOnFailure();

    private static void Check(Gen<string> left, Gen<string> right, Func<string, string, bool> property) =>
        Prop.ForAll(left.ToArbitrary(), right.ToArbitrary(), property).QuickCheckThrowOnFailure();
}
