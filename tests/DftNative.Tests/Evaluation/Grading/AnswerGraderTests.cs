using DftNative.Evaluation.Grading;

namespace DftNative.Tests.Evaluation.Grading;

internal sealed class AnswerGraderTests
{
    private static readonly List<GradingPair> Pairs = GradingPair.ReadAll();

    [Test]
    public void TheTableIsLargeAndBalanced()
    {
        var share = Pairs.Count(pair => pair.AreEqual) / (double)Pairs.Count;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Pairs, Has.Count.GreaterThanOrEqualTo(400).And.Unique);
            Assert.That(share, Is.InRange(0.35, 0.65));
        }
    }

    [Test]
    public void NoPairIsJudgedWrong()
    {
        var wrong = Pairs.Where(pair => AnswerGrader.AreEqual(pair.Prediction, pair.Reference) != pair.AreEqual).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong.Where(pair => pair.AreEqual), Is.Empty, "equal, and taken for different");
            Assert.That(wrong.Where(pair => !pair.AreEqual), Is.Empty, "different, and taken for equal");
        }
    }

    [Test]
    public void OnlyARoundedReferenceMakesTheOrderMatter()
    {
        var asymmetric = Pairs.Where(pair => AnswerGrader.AreEqual(pair.Reference, pair.Prediction) != pair.AreEqual);
        Assert.That(asymmetric.Where(pair => !(pair.Prediction + pair.Reference).Contains('.', StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void AReferenceMayBeAWorkedSolution()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(AnswerGrader.Grade("\\boxed{18}", "9*2 = <<9*2=18>>18\n#### 18"), Is.EqualTo(new GradedAnswer("18", true)));
            Assert.That(AnswerGrader.Grade("\\boxed{18}", "Thus $\\boxed{17}$."), Is.EqualTo(new GradedAnswer("18", false)));
            Assert.That(AnswerGrader.Grade("I do not know what to do about it", "17"), Is.EqualTo(new GradedAnswer(null, false)));
        }
    }

    // Each of these would take minutes, memory or stack without a bound.
    [TestCase("10^{10^{10}}", 1, "+1")]
    [TestCase("9999999999!", 1, "")]
    [TestCase("\\frac{1}{", 600, "")]
    [TestCase("(", 1999, "")]
    [TestCase("2^", 60, "2")]
    [TestCase("!", 1900, "")]
    [TestCase("\\boxed{", 100_000, "")]
    [TestCase("{", 100_000, "}")]
    [TestCase("$", 100_001, "")]
    [TestCase("\\(", 50_000, "")]
    [TestCase("the answer is ", 20_000, "")]
    [TestCase("9", 300_000, "")]
    [TestCase("+3^{9999}/7^{5000}", 100, "")]
    [TestCase("\\text{", 300, "5")]
    [TestCase("\\pm 1", 390, "")]
    [TestCase("1,", 900, "2")]
    [TestCase("|", 1900, "")]
    [TestCase("1 to ", 380, "2")]
    [TestCase("0.12...", 280, "")]
    [TestCase("22nd ", 390, "")]
    [TestCase("1\\\\", 30_000, "")]
    [TestCase("\\{1,2\\},", 240, "3")]
    [TestCase("5(((h^9)^9)^9)^9", 1, "")]
    [TestCase(".333...", 1, "")]
    [TestCase("5 FF_{16} ", 100, "")]
    [TestCase("\\sqrt[8]{1+", 60, "\\pi")]
    [TestCase("(\\pi+", 60, "1)^{256}")]
    [TestCase("]0,", 60, "1[")]
    [TestCase("1 hour, ", 200, "5 minutes")]
    [TestCase("\\begin{vmatrix}1&2&3&4\\\\5&6&7&8\\\\9&1&2&3\\\\4&5&6&7\\end{vmatrix}", 20, "")]
    [TestCase("\\begin{pmatrix}1\\\\2\\end{pmatrix}+", 60, "1")]
    [TestCase("negative ", 100, "5")]
    [TestCase("3000!!+", 200, "1")]
    public void HostileTextEnds(string part, int count, string end)
    {
        var text = string.Concat(Enumerable.Repeat(part, count)) + end;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(AnswerGrader.AreEqual(text, "5 \\text{ cm}"), Is.False);
            Assert.That(AnswerGrader.AreEqual(text, text), Is.True);
            Assert.That(() => AnswerGrader.Grade(text, "5 \\text{ cm}"), Throws.Nothing);
        }
    }
}
