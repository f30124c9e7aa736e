using DftNative.Evaluation.Grading;

namespace DftNative.Tests.Evaluation.Grading;

internal sealed class AnswerExtractorTests
{
    [TestCase("First \\boxed{1}, then \\boxed{2}.", "2", ExtractionRule.Box)]
    [TestCase("so $\\boxed{1}$ and $\\boxed{2}$.", "1, 2", ExtractionRule.Box)]
    [TestCase("$\\boxed{1}$ or $\\boxed{1}$", "1", ExtractionRule.Box)]
    [TestCase("\\boxed{5} and again \\boxed{6", "5", ExtractionRule.Box)]
    [TestCase("\\boxed{\\frac{1}{\\sqrt{2}}}", "\\frac{1}{\\sqrt{2}}", ExtractionRule.Box)]
    [TestCase("\\boxed{\\{1,2\\}}", "\\{1,2\\}", ExtractionRule.Box)]
    [TestCase("\\boxed{\\boxed{5}}", "5", ExtractionRule.Box)]
    [TestCase("it is \\boxed 7 here", "7", ExtractionRule.Box)]
    [TestCase("\\fbox{8}", "8", ExtractionRule.Box)]
    [TestCase("\\framebox{204}", "204", ExtractionRule.Box)]
    [TestCase("The answer is 3, that is \\boxed{4}.", "4", ExtractionRule.Box)]
    [TestCase("a { b \\boxed{9}", "9", ExtractionRule.Box)]
    [TestCase("text\n#### 1,234", "1,234", ExtractionRule.HashMarks)]
    [TestCase("#### 5\n#### 6\nmore", "6", ExtractionRule.HashMarks)]
    [TestCase("The answer is 42.", "42", ExtractionRule.Phrase)]
    [TestCase("The answer is -3. I am sure.", "-3", ExtractionRule.Phrase)]
    [TestCase("the answer is $\\frac{1}{2}$. Good.", "\\frac{1}{2}", ExtractionRule.Phrase)]
    [TestCase("Final Answer: The final answer is $5$. I hope it is correct.", "5", ExtractionRule.Phrase)]
    [TestCase("**Final Answer**\n\n42", "42", ExtractionRule.Phrase)]
    [TestCase("Answer: **12**", "12", ExtractionRule.Phrase)]
    [TestCase("The answer is (C).", "(C)", ExtractionRule.Phrase)]
    [TestCase("The answer is 3.5 km. Done", "3.5 km", ExtractionRule.Phrase)]
    [TestCase("The answer is no solution.", "no solution", ExtractionRule.Phrase)]
    [TestCase("the answer is 5 because 2+3=5", "5", ExtractionRule.Phrase)]
    [TestCase("The answer is $1$ and $2$.", "$1$ and $2$", ExtractionRule.Phrase)]
    [TestCase("The answer is 7<|im_end|>", "7", ExtractionRule.Phrase)]
    [TestCase("The correct option is (B).", "(B)", ExtractionRule.Phrase)]
    [TestCase("3/4", "3/4", ExtractionRule.WholeText)]
    [TestCase(" \\frac{1}{2} ", "\\frac{1}{2}", ExtractionRule.WholeText)]
    [TestCase("Evelyn", "Evelyn", ExtractionRule.WholeText)]
    [TestCase("3:30 PM", "3:30 PM", ExtractionRule.WholeText)]
    [TestCase("We get $x = \\frac{3}{4}$.", "x = \\frac{3}{4}", ExtractionRule.LastFormula)]
    [TestCase("We get 5, so \\(y\\) is \\(2x\\) at last.", "2x", ExtractionRule.LastFormula)]
    [TestCase("Thus the total is 12 apples.", "12", ExtractionRule.LastNumber)]
    [TestCase("so it costs $1,234.50 today.", "$1,234.50", ExtractionRule.LastNumber)]
    [TestCase("It went down to -40 then, I think.", "-40", ExtractionRule.LastNumber)]
    [TestCase("It costs about 5% of that.", "5%", ExtractionRule.LastNumber)]
    [TestCase("We have $y$ and then half of it, 3/4 I think.", "3/4", ExtractionRule.LastNumber)]
    public void TheAnswerIsFound(string text, string answer, ExtractionRule rule) =>
        Assert.That(AnswerExtractor.Extract(text), Is.EqualTo(new ExtractedAnswer(answer, rule)));

    [TestCase("")]
    [TestCase(" \n ")]
    [TestCase("\\boxed{}")]
    [TestCase("I do not know what to say about this one, sorry")]
    public void ThereMayBeNone(string text) => Assert.That(AnswerExtractor.Extract(text), Is.Null);

    [TestCase("#### 5", "5")]
    [TestCase("so \\boxed{3}", "3")]
    [TestCase("\\frac{1}{2}", "\\frac{1}{2}")]
    [TestCase("the answer is 5", "the answer is 5")]
    public void AReferenceIsReadLiterally(string text, string answer) => Assert.That(AnswerExtractor.ExtractReference(text), Is.EqualTo(answer));
}
