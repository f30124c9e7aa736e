using System.Globalization;
using System.Text.RegularExpressions;
using DftNative.Evaluation.Grading;

namespace DftNative.Tests.Evaluation.Grading;

/// <summary>The grader on the references of the six benchmarks.</summary>
internal sealed partial class GoldAnswerTests
{
    private static readonly string[] Sets = GoldAnswers.Sets;

    [TestCaseSource(nameof(Sets))]
    public void EveryAnswerIsEqualToItselfInOtherNotations(string set)
    {
        var answers = GoldAnswers.Read(set);
        var wrong = new List<string>();
        foreach (var answer in answers)
        {
            foreach (var (name, rewrite) in AnswerNotations.All)
            {
                var rewritten = rewrite(answer);
                if (!AnswerGrader.AreEqual(rewritten, answer)) wrong.Add($"{name}: {rewritten} for {answer}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [TestCase("math500", "solution")]
    [TestCase("aime24", "solution")]
    [TestCase("minerva-math", "solution")]
    [TestCase("gsm8k-test", "answer")]
    public void AWorkedSolutionIsGradedRight(string set, string solution)
    {
        var wrong = GoldAnswers.ReadSolutions(set, solution).Where(row => !AnswerGrader.Grade(row.Solution, row.Answer).IsEqual);
        Assert.That(wrong.Select(row => row.Answer), Is.Empty);
    }

    [TestCaseSource(nameof(Sets))]
    public void AnotherDigitIsAnotherAnswer(string set)
    {
        var wrong = new List<string>();
        foreach (var answer in GoldAnswers.Read(set).Distinct())
        {
            for (var i = 0; i < answer.Length; i++)
            {
                if (!char.IsAsciiDigit(answer[i])) continue;
                var other = $"{answer[..i]}{(char)('0' + (answer[i] - '0' + 1) % 10)}{answer[(i + 1)..]}";
                if (AnswerGrader.AreEqual(other, answer)) wrong.Add($"{other} for {answer}");
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(Sets))]
    public void TheOppositeIsAnotherAnswer(string set)
    {
        var answers = GoldAnswers.Read(set).Distinct().Where(answer => PlainValue(answer) is { } value && value != 0.0);
        Assert.That(answers.Where(answer => AnswerGrader.AreEqual("-" + answer.Trim('$'), answer)), Is.Empty);
    }

    // What a few lines can read as a number is compared by that number, all of one set with all of another.
    [Test]
    public void DifferentProblemsAnswersAreEqualOnlyWhereTheirNumbersAre()
    {
        var answers = Sets.SelectMany(GoldAnswers.Read).Distinct().Select(answer => (Text: answer, Value: PlainValue(answer))).Where(answer => answer.Value is not null).ToList();
        var wrong = new List<string>();
        for (var i = 0; i < answers.Count; i++)
        {
            // All pairs are half a million; every seventh is enough to find a rule that is wrong.
            for (var j = i % 7; j < answers.Count; j += 7)
            {
                var areEqual = answers[i].Value == answers[j].Value;
                if (AnswerGrader.AreEqual(answers[i].Text, answers[j].Text) != areEqual) wrong.Add($"{answers[i].Text} and {answers[j].Text}");
            }
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers, Has.Count.GreaterThan(500));
            Assert.That(wrong, Is.Empty);
        }
    }

    private static double? PlainValue(string answer)
    {
        var match = Plain().Match(answer);
        if (!match.Success) return null;
        var value = Read(match.Groups["integer"]) ?? Read(match.Groups["numerator"]) / Read(match.Groups["denominator"]) ?? 0.0;
        return match.Groups["sign"].Length > 0 ? -value : value;

        static double? Read(Group group) => group.Success ? double.Parse(group.Value, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"^\$?(?<sign>-?)((?<integer>\d+(\.0)?)|\\frac\{(?<numerator>\d+)\}\{(?<denominator>\d+)\})\$?$")]
    private static partial Regex Plain();
}
